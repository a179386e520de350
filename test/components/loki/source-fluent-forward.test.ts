import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { FluentClient } from "@fluent-org/logger";
import { decode, encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";
import { lokiSourceFluentForward } from "../../../src/components/loki/source-fluent-forward.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type RunningSource, runningSource } from "../../support/listening-source.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

function fluent(config: object = {}, configDir?: string): Promise<RunningSource> {
  return runningSource(lokiSourceFluentForward, { listen_address: "127.0.0.1:0", ...config }, configDir);
}

function shown(source: RunningSource): { readonly address?: string; readonly listening?: boolean } {
  return source.running.debug?.() ?? {};
}

function portOf(source: RunningSource): number {
  return Number(shown(source).address?.split(":").at(-1));
}

interface Client {
  readonly socket: Socket;
  /** What the server has sent, decoded. */
  readonly answers: unknown[];
  send(message: unknown): void;
  readonly closed: Promise<unknown>;
}

function clientOn(socket: Socket): Client {
  const answers: unknown[] = [];
  // The server sends one message at a time.
  socket.on("error", () => {}).on("data", (data) => answers.push(decode(data)));
  return {
    socket,
    answers,
    send: (message) => socket.write(encode(message)),
    closed: new Promise((resolve) => socket.once("close", resolve)),
  };
}

async function connected(source: RunningSource): Promise<Client> {
  const socket = connect(portOf(source), "127.0.0.1");
  await once(socket, "connect");
  return clientOn(socket);
}

const reasons = (source: RunningSource) => source.logs.map(({ fields }) => fields.reason);

test("messages of every mode are entries, and are acknowledged", async () => {
  await using source = await fluent({ labels: { job: "docker" } });
  const client = await connected(source);
  const entries = [
    [1, { log: "a" }],
    [2, { log: "b" }],
  ];
  const packed = Buffer.concat(entries.map((entry) => encode(entry)));
  const acks: string[] = [];
  const f = async (count: number, ...message: unknown[]) => {
    const chunk = `chunk-${acks.length}`;
    client.send([...message.slice(0, -1), { ...(message.at(-1) as object), chunk }]);
    acks.push(chunk);
    await turnsUntil(() => client.answers.length === acks.length);
    expect(source.sent.slice(-count)).toEqual(
      ["a", "b"].slice(0, count).map((log) => `{job="docker", tag="t"} ${JSON.stringify(`{"log":"${log}"}`)}`),
    );
  };
  await f(1, "t", 1, { log: "a" }, {});
  await f(2, "t", entries, {});
  await f(2, "t", new Uint8Array(packed), {});
  await f(2, "t", new Uint8Array(gzipSync(packed)), { compressed: "gzip" });
  await f(2, "t", new Uint8Array(zstdCompressSync(packed)), { compressed: "zstd" });
  expect(client.answers).toEqual(acks.map((ack) => ({ ack })));
  expect(source.sent.length).toBe(9);
  expect(source.metrics).toEqual({ entries: 9, connections: 1 });
  expect([...(source.batches[1]?.timestamps ?? [])]).toEqual([1_000_000_000n, 2_000_000_000n]);
});

test("Fluentd's own client for Node is served in all of its modes", async () => {
  await using source = await fluent({ shared_key: "key", users: [{ username: "u", password: "p" }] });
  for (const eventMode of ["Message", "Forward", "PackedForward", "CompressedPackedForward"] as const) {
    const client = new FluentClient("app", {
      eventMode,
      ack: { ackTimeout: 10_000 },
      milliseconds: true,
      socket: { host: "127.0.0.1", port: portOf(source) },
      security: { clientHostname: "client", sharedKey: "key", username: "u", password: "p" },
    });
    await client.emit({ mode: eventMode }, new Date(1_767_225_600_123));
    expect(source.sent.slice(-1)).toEqual([`{tag="app"} ${JSON.stringify(`{"mode":"${eventMode}"}`)}`]);
    expect(source.batches.at(-1)?.timestamps[0]).toBe(1_767_225_600_123_000_000n);
    await client.disconnect();
  }
});

test("an acknowledgement waits for the receivers, and so does what comes next", async () => {
  await using source = await fluent();
  let release = () => {};
  source.answer = () => new Promise((resolve) => (release = resolve));
  const client = await connected(source);
  client.send(["t", 1, { a: 1 }, { chunk: "first" }]);
  client.send(["t", 1, { a: 2 }, { chunk: "second" }]);
  await source.sentCount(1);
  for (let turn = 0; turn < 500; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(client.answers).toEqual([]);
  expect(source.sent.length).toBe(1);
  release();
  await turnsUntil(() => client.answers.length === 1);
  await source.sentCount(2);
  release();
  await turnsUntil(() => client.answers.length === 2);
  expect(client.answers).toEqual([{ ack: "first" }, { ack: "second" }]);
});

test("what the receivers refuse is offered again, and acknowledged when they take it", async () => {
  await using source = await fluent();
  source.answer = () => Promise.reject(new Error("no room"));
  const client = await connected(source);
  client.send(["t", 1, { a: 1 }, { chunk: "c" }]);
  await turnsUntil(() => source.logs.length > 0);
  expect(client.answers).toEqual([]);
  source.answer = () => Promise.resolve();
  await source.clock.advance(2000);
  await turnsUntil(() => client.answers.length === 1);
});

test("the line is a key of the record where that is wanted, or else all of it", async () => {
  await using source = await fluent({ line_format: "key", tag_label: "" });
  const client = await connected(source);
  const records = [
    { log: "text", message: "no" },
    { message: "second" },
    { log: { a: 1 } },
    { log: 7 },
    { other: "x" },
  ];
  client.send(["t", records.map((record) => [1, record])]);
  await source.sentCount(5);
  const job = '{job="loki.source.fluent_forward.test"}';
  expect(source.sent).toEqual([
    `${job} "text"`,
    `${job} "second"`,
    `${job} "{\\"log\\":{\\"a\\":1}}"`,
    `${job} "7"`,
    `${job} "{\\"other\\":\\"x\\"}"`,
  ]);
});

test("rules see the tag, the client and the record; what they drop and what is no event is counted", async () => {
  await using source = await fluent({
    relabel_rules: [
      { source_labels: ["__fluent_record_container_name"], regex: "/(.*)", target_label: "container" },
      { source_labels: ["__fluent_tag", "__fluent_connection_ip_address"], target_label: "from" },
      { source_labels: ["__fluent_record_level"], regex: "debug", action: "drop" },
      { source_labels: ["__fluent_record_a_b"], target_label: "number" },
    ],
  });
  const client = await connected(source);
  client.send([
    "t",
    [[1, { "container.name": "/web", "a-b": 7 }], [1, { level: "debug" }], [1, { nested: { level: "debug" } }], [1]],
    { chunk: "c" },
  ]);
  await turnsUntil(() => client.answers.length === 1);
  expect(source.sent.map((line) => line.split("} ")[0])).toEqual([
    '{container="web", from="t;127.0.0.1", number="7", tag="t"',
    '{from="t;127.0.0.1", tag="t"',
  ]);
  const dropped = { 'dropped{reason="malformed"}': 1, 'dropped{reason="relabel"}': 1 };
  expect(source.metrics).toEqual({ entries: 2, connections: 1, ...dropped });
});

test("a client that sends what is no message is cut off with the reason, and its message is not acknowledged", async () => {
  await using source = await fluent({ max_message_size: "1KiB" });
  const f = async (bytes: Uint8Array, want: string) => {
    const client = await connected(source);
    client.socket.write(bytes);
    await client.closed;
    expect(client.answers).toEqual([]);
    await turnsUntil(() => source.logs.length > 0);
    expect(reasons(source)).toEqual([want]);
    (source.logs as unknown[]).length = 0;
    await source.clock.advance(60_000);
  };
  await f(Buffer.from("GET / HTTP/1.1\r\n\r\n"), "a message has to be an array");
  await f(encode(["t", 1, { a: "x".repeat(1100) }, { chunk: "c" }]), "a message is larger than 1024 bytes");
  await f(Buffer.of(0xc1), "it is no MessagePack: no value begins with the byte 0xc1");
  await f(Buffer.alloc(65, 0x91), "a message has more than 64 levels of arrays and maps");
  const zip = (bytes: Uint8Array) => encode(["t", new Uint8Array(bytes), { compressed: "gzip", chunk: "c" }]);
  await f(zip(gzipSync(Buffer.alloc(2000))), "a message is larger than 1024 bytes when decompressed");
  await f(zip(Buffer.from("no gzip")), "a message cannot be decompressed: incorrect header check");
  expect(source.sent).toEqual([]);
  expect(source.metrics.refused).toBe(6);
});

const digest = (...parts: (string | Uint8Array)[]) => {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

interface Hello {
  readonly nonce: Uint8Array;
  readonly auth: Uint8Array;
}

/** Shakes hands with this key and user; what the server answers to the PING. */
async function greeted(client: Client, key: string, user: string, password: string): Promise<unknown> {
  await turnsUntil(() => client.answers.length === 1);
  const [, { nonce, auth }] = client.answers[0] as [string, Hello];
  const proof = digest(auth, user, password);
  client.send(["PING", "client", "salt", digest("salt", "client", nonce, key), user, proof]);
  await turnsUntil(() => client.answers.length === 2);
  const expected = digest("salt", "agent", nonce, key);
  const pong = client.answers[1] as unknown[];
  return pong.map((part) => (part === expected ? "digest" : part));
}

test("a client has to know the key, and to be a user", async () => {
  await using source = await fluent({
    shared_key: "key",
    self_hostname: "agent",
    users: [{ username: "u", password: "p" }],
  });
  const good = await connected(source);
  expect(await greeted(good, "key", "u", "p")).toEqual(["PONG", true, "", "agent", "digest"]);
  good.send(["t", 1, { a: 1 }, { chunk: "c" }]);
  await turnsUntil(() => good.answers.length === 3);
  expect(good.answers[2]).toEqual({ ack: "c" });

  const f = async (key: string, user: string, password: string, want: string) => {
    const client = await connected(source);
    expect(await greeted(client, key, user, password)).toEqual(["PONG", false, want, "", ""]);
    await client.closed;
  };
  await f("other", "u", "p", "shared_key mismatch");
  await f("key", "u", "other", "username/password mismatch");
  await f("key", "nobody", "p", "username/password mismatch");
  await f("key", "nobody", "", "username/password mismatch");

  const early = await connected(source);
  early.send(["t", 1, { a: 1 }]);
  await early.closed;
  await source.clock.advance(60_000);
  const large = await connected(source);
  large.send(["PING", "x".repeat(5000)]);
  await large.closed;
  await turnsUntil(() => source.metrics.refused === 6);
  expect(reasons(source).at(-1)).toBe("a message is larger than 4096 bytes");
  expect(source.sent.length).toBe(1);
});

test("who does not shake hands is cut off, who only is silent is not", async () => {
  await using secured = await fluent({ shared_key: "key" });
  const silent = await connected(secured);
  await turnsUntil(() => silent.answers.length === 1);
  await secured.clock.advance(10_000);
  await silent.closed;

  await using open = await fluent();
  const patient = await connected(open);
  await turnsUntil(() => open.metrics.connections === 1);
  await open.clock.advance(3_600_000);
  patient.send(["t", 1, { a: 1 }]);
  await open.sentCount(1);
});

test("nil and a NUL over UDP are heartbeats", async () => {
  await using source = await fluent({ udp_heartbeat: true, listen_address: "127.0.0.1:0" });
  const client = await connected(source);
  client.send(null);
  client.send(["t", 1, { a: 1 }]);
  await source.sentCount(1);

  const port = portOf(source);
  // The heartbeat's port is that of the address, which a test cannot know before.
  await source.stop();
  await using fixed = await fluent({ udp_heartbeat: true, listen_address: `127.0.0.1:${port}` });
  expect(fixed.health()).toEqual({ state: "healthy" });
  const udp = createSocket("udp4");
  const answered = once(udp, "message");
  udp.send(Uint8Array.of(0), port, "127.0.0.1");
  expect([...((await answered)[0] as Buffer)]).toEqual([0]);
  udp.close();
});

test("TLS is spoken where there is a certificate", async () => {
  using dir = tempDir();
  const { cert } = makeCertificate(dir.path);
  await using source = await fluent({ tls_config: { cert_file: "server.crt", key_file: "server.key" } }, dir.path);
  const client = clientOn(connectTls({ host: "127.0.0.1", port: portOf(source), ca: cert }));
  client.send(["t", 1, { a: 1 }, { chunk: "c" }]);
  await turnsUntil(() => client.answers.length === 1);
  client.socket.destroy();
});

test("a change of labels cuts nobody off, one of the key does", async () => {
  await using source = await fluent({ labels: { job: "a" } });
  const parse = (config: object) => lokiSourceFluentForward.config.parse({ listen_address: "127.0.0.1:0", ...config });
  const client = await connected(source);
  client.send(["t", 1, {}]);
  await source.sentCount(1);
  source.running.update?.(parse({ labels: { job: "b" } }));
  client.send(["t", 1, {}]);
  await source.sentCount(2);
  expect(source.sent).toEqual(['{job="a", tag="t"} "{}"', '{job="b", tag="t"} "{}"']);
  source.running.update?.(parse({ shared_key: "key" }));
  await client.closed;
  await turnsUntil(() => shown(source).listening === true);
  const next = await connected(source);
  await turnsUntil(() => next.answers.length === 1);
});

test("a stop acknowledges what the receivers take, and nothing else", async () => {
  const source = await fluent();
  let release = () => {};
  source.answer = () => new Promise((resolve) => (release = resolve));
  const taken = await connected(source);
  taken.send(["t", 1, {}, { chunk: "taken" }]);
  await source.sentCount(1);
  const releaseTaken = release;
  const left = await connected(source);
  left.send(["t", 1, {}, { chunk: "left" }]);
  await source.sentCount(2);
  const stopped = source.stop();
  releaseTaken();
  await taken.closed;
  expect(taken.answers).toEqual([{ ack: "taken" }]);
  await source.clock.advance(2000);
  await left.closed;
  await stopped;
  expect(left.answers).toEqual([]);
  expect(source.metrics).toEqual({ entries: 1, connections: 0 });
  expect(source.clock.pending).toBe(0);
});

test("a port that everybody reaches is told of, unless clients have to show something", async () => {
  const f = async (config: object, want: string[]) => {
    await using source = await fluent(config);
    expect(source.logs.map(({ message }) => message)).toEqual(want);
  };
  const open = "everybody who reaches this address can write logs; listen on 127.0.0.1 or set shared_key";
  await f({ listen_address: ":0" }, [open]);
  await f({ listen_address: ":0", shared_key: "key" }, []);
  await f({}, []);
});

test("users without a key are refused", () => {
  const users = [{ username: "u", password: "p" }];
  const { error } = lokiSourceFluentForward.config.safeParse({ users });
  expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([
    "users: users need a shared_key, too",
  ]);
});
