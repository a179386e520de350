import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { lokiSourceSyslog, lokiSourceSyslogOf } from "../../../src/components/loki/source-syslog.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type RunningSource, runningSource } from "../../support/listening-source.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

const loopback = "127.0.0.1:0";
const lookup = (ip: string) => Promise.resolve([`name-of-${ip}`, "alias"]);

function syslog(listener: object = {}, rest: object = {}, configDir?: string): Promise<RunningSource> {
  const listeners = [{ address: loopback, labels: { job: "syslog" }, ...listener }];
  return runningSource(lokiSourceSyslogOf(lookup), { listeners, ...rest }, configDir);
}

interface Shown {
  readonly listeners: readonly { address: string; protocol: string; listening: boolean; connections?: number }[];
}

function shown(source: RunningSource): Shown["listeners"] {
  return (source.running.debug?.() as Shown | undefined)?.listeners ?? [];
}

function portOf(source: RunningSource, at = 0): number {
  return Number(shown(source)[at]?.address.split(":").at(-1));
}

async function connected(source: RunningSource, at = 0): Promise<Socket> {
  const socket = connect(portOf(source, at), "127.0.0.1").on("error", () => {});
  await once(socket, "connect");
  return socket;
}

function sendDatagrams(port: number, ...datagrams: string[]): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve) => {
    let left = datagrams.length;
    for (const each of datagrams) {
      socket.send(each, port, "127.0.0.1", () => {
        left--;
        if (left === 0) socket.close(() => resolve());
      });
    }
  });
}

const mapAll = [{ regex: "__syslog_(.*)", action: "labelmap" }];

test("messages over TCP are entries with the labels of their listener", async () => {
  await using source = await syslog();
  const socket = await connected(source);
  socket.write("<34>1 - host app - - - first\n<34>1 - host app - - - sec");
  await source.sentCount(1);
  socket.end("ond\n");
  await source.sentCount(2);
  expect(source.sent).toEqual(['{job="syslog"} "first"', '{job="syslog"} "second"']);
  await turnsUntil(() => source.metrics.entries === 2);
  expect(source.metrics).toEqual({ entries: 2, connections: expect.anything() });
  expect(source.health()).toEqual({ state: "healthy" });
});

test("counted messages, and a last line without an end, are messages too", async () => {
  await using source = await syslog();
  (await connected(source)).end("20 <34>1 - - - - - - a\n20 <34>1 - - - - - - b");
  await source.sentCount(1);
  (await connected(source)).end("<34>1 - - - - - - torn");
  await source.sentCount(2);
  expect(source.sent).toEqual(['{job="syslog"} "a"', '{job="syslog"} "torn"']);
});

test("rules see the parts of a message, and internal labels end here", async () => {
  await using source = await syslog(
    { label_structured_data: true },
    { relabel_rules: [...mapAll, { source_labels: ["message_app_name"], regex: "no", action: "drop" }] },
  );
  const socket = await connected(source);
  socket.write('<165>1 2026-01-01T00:00:00Z web nginx 7 GET [a@1 b="c"] hi\n<165>1 - - no - - - hi\n');
  socket.write("<34>1 - - - - - - bare\n");
  await source.sentCount(2);
  const connection = 'connection_hostname="name-of-127.0.0.1,alias", connection_ip_address="127.0.0.1", job="syslog"';
  const parts =
    'message_app_name="nginx", message_facility="local4", message_hostname="web", message_msg_id="GET", message_proc_id="7", message_sd_a_1_b="c", message_severity="notice"';
  expect(source.sent).toEqual([
    `{${connection}, ${parts}} "hi"`,
    `{${connection}, message_facility="auth", message_severity="critical"} "bare"`,
  ]);
  expect(source.metrics['dropped{reason="relabel"}']).toBe(1);
});

test("a message without any label has the component for its job, and the tenant travels on", async () => {
  await using plain = await syslog({ labels: {} });
  (await connected(plain)).end("<34>1 - - - - - - a\n");
  await plain.sentCount(1);
  expect(plain.sent).toEqual(['{job="loki.source.syslog.test"} "a"']);

  const rule = { source_labels: ["__syslog_message_facility"], target_label: "__tenant_id__" };
  await using tenants = await syslog({}, { relabel_rules: [rule] });
  (await connected(tenants)).end("<34>1 - - - - - - a\n");
  await tenants.sentCount(1);
  expect(tenants.sent).toEqual(['{__tenant_id__="auth", job="syslog"} "a"']);
});

test("the line is the text or the whole message, the time that of the message or of its coming", async () => {
  const now = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
  const message = "<34>1 2025-12-31T00:00:00.5Z host app - - - text\n<34>1 - - - - - - none\n";
  const f = async (listener: object, want: [string, bigint][]) => {
    await using source = await syslog(listener);
    (await connected(source)).end(message);
    await source.sentCount(2);
    const [{ lines, timestamps } = { lines: [], timestamps: [] }] = source.batches;
    expect(lines.map((line, at) => [line, timestamps[at]])).toEqual(want);
  };
  const sent = BigInt(Date.UTC(2025, 11, 31, 0, 0, 0, 500)) * 1_000_000n;
  await f({}, [
    ["text", now],
    ["none", now + 1n],
  ]);
  await f({ use_incoming_timestamp: true }, [
    ["text", sent],
    ["none", now],
  ]);
  await f({ use_rfc5424_message: true }, [
    ["<34>1 2025-12-31T00:00:00.5Z host app - - - text", now],
    ["<34>1 - - - - - - none", now + 1n],
  ]);
});

test("a message that cannot be read is counted and told, and the next one is read", async () => {
  await using source = await syslog({ max_message_length: 40 });
  const socket = await connected(source);
  socket.write(`hello\nhello again\n<34>1 - - - - - -\n\n<34>1 - - - - - - ${"x".repeat(30)}\n<34>1 - - - - - - ok\n`);
  await source.sentCount(1);
  expect(source.sent).toEqual(['{job="syslog"} "ok"']);
  await turnsUntil(() => source.metrics.entries === 1);
  expect(source.metrics).toEqual({
    entries: 1,
    malformed: 2,
    empty: 2,
    'dropped{reason="too_long"}': 1,
    connections: 1,
  });
  const peer = "127.0.0.1";
  const reason = "it is longer than 40 bytes (max_message_length)";
  expect(source.logs).toEqual([
    { level: "warn", message: "a message was dropped", fields: { listener: "tcp 127.0.0.1:0", peer, reason } },
  ]);
  await source.clock.advance(60_000);
  socket.write("hello\n");
  await turnsUntil(() => source.logs.length === 2);
  expect(source.logs[1]).toEqual({
    level: "warn",
    message: "a message could not be read",
    fields: { listener: "tcp 127.0.0.1:0", peer, reason: 'expected a priority such as <165>, got "hello"' },
  });
});

test("an empty message is an entry where that is wanted", async () => {
  await using source = await syslog({ rfc5424_allow_empty_msg: true });
  (await connected(source)).end("<34>1 - - - - - -\n");
  await source.sentCount(1);
  expect(source.sent).toEqual(['{job="syslog"} ""']);
});

test("a connection on which nothing can be told any more is closed; others go on", async () => {
  await using source = await syslog();
  const other = await connected(source);
  const socket = await connected(source);
  socket.resume().write("20 <34>1 - - - - - - a\n<34>1");
  await once(socket, "close");
  expect(source.sent).toEqual(['{job="syslog"} "a"']);
  expect(source.logs.map(({ fields }) => fields.reason)).toEqual(['expected the length of a message, got "<34>1"']);
  other.end("<34>1 - - - - - - b\n");
  await source.sentCount(2);
});

test("a sender waits while the receivers do", async () => {
  await using source = await syslog();
  let release = () => {};
  source.answer = () => new Promise((resolve) => (release = resolve));
  const socket = await connected(source);
  const message = `<34>1 - - - - - - ${"x".repeat(8000)}\n`;
  socket.write(message);
  await source.sentCount(1);
  // Far more than the kernel's buffers for a connection have room for.
  const count = 4000;
  let isFlushed = false;
  socket.end(message.repeat(count), () => {
    isFlushed = true;
  });
  for (let turn = 0; turn < 2000; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(isFlushed).toBe(false);
  expect(source.sent.length).toBe(1);
  source.answer = () => Promise.resolve();
  release();
  await source.sentCount(count + 1);
  expect(source.sent.length).toBe(count + 1);
});

test("what the receivers refuse is offered again until they take it", async () => {
  await using source = await syslog();
  source.answer = () => Promise.reject(new Error("no room"));
  (await connected(source)).end("<34>1 - - - - - - a\n");
  await source.sentCount(1);
  await turnsUntil(() => source.clock.pending > 0 && source.logs.length > 0);
  source.answer = () => Promise.resolve();
  await source.clock.advance(2000);
  await turnsUntil(() => source.metrics.entries === 1);
  expect(source.sent).toEqual(['{job="syslog"} "a"', '{job="syslog"} "a"']);
});

test("a silent connection is closed, and no more than so many are open", async () => {
  await using source = await syslog({ idle_timeout: "10s", max_connections: 1 });
  const first = await connected(source);
  await turnsUntil(() => source.metrics.connections === 1);
  const second = connect(portOf(source), "127.0.0.1").on("error", () => {});
  await once(second, "close");
  expect(source.logs.map(({ fields }) => fields.reason)).toEqual(["1 connections are open (max_connections)"]);
  first.write("<34>1 - - - - - - a\n");
  await source.sentCount(1);
  const closed = once(first.resume(), "close");
  await source.clock.advance(10_000);
  await closed;
  await turnsUntil(() => source.metrics.connections === 0);
});

test("a datagram is a message, and what there is no room for is counted", async () => {
  await using source = await syslog({ protocol: "udp", udp_queue_size: 2, max_message_length: 40 });
  const port = portOf(source);
  await sendDatagrams(port, "<34>1 - - - - - - a\nb\n");
  await source.sentCount(1);
  await sendDatagrams(port, `<34>1 - - - - - - ${"x".repeat(30)}`, "no syslog");
  await turnsUntil(() => source.metrics.malformed === 1);
  let release = () => {};
  source.answer = () => new Promise((resolve) => (release = resolve));
  await sendDatagrams(port, "<34>1 - - - - - - c");
  await source.sentCount(2);
  await sendDatagrams(port, "<34>1 - - - - - - d", "<34>1 - - - - - - e", "<34>1 - - - - - - f");
  await turnsUntil(() => source.metrics['dropped{reason="queue_full"}'] === 2);
  source.answer = () => Promise.resolve();
  release();
  await source.sentCount(3);
  await turnsUntil(() => source.metrics.entries === 3);
  expect(source.sent).toEqual(['{job="syslog"} "a\\nb"', '{job="syslog"} "c"', '{job="syslog"} "d"']);
  expect(source.metrics['dropped{reason="too_long"}']).toBe(1);
});

test("a port that is taken makes it unhealthy until the port is free", async () => {
  const holder = await syslog();
  const address = `127.0.0.1:${portOf(holder)}`;
  await using source = await syslog({ address });
  const reason = `cannot listen on ${address}: the address is in use (is another syslog daemon running? set address)`;
  expect(source.health()).toEqual({ state: "unhealthy", reason });
  expect(shown(source)).toEqual([{ address, protocol: "tcp", listening: false }]);
  await holder.stop();
  await source.clock.advance(2000);
  await turnsUntil(() => source.health().state === "healthy");
  expect(source.logs).toEqual([
    { level: "error", message: "syslog cannot be received", fields: { reason } },
    { level: "info", message: "syslog can be received again", fields: {} },
  ]);
});

test("a change of labels and rules cuts no connection, one of the port does", async () => {
  await using source = await syslog();
  const socket = await connected(source);
  socket.write("<34>1 - - - - - - a\n");
  await source.sentCount(1);
  const config = (listener: object, rest: object = {}) =>
    lokiSourceSyslog.config.parse({ listeners: [{ address: loopback, ...listener }], ...rest });
  source.running.update?.(config({ labels: { job: "other" } }));
  socket.write("<34>1 - - - - - - b\n");
  await source.sentCount(2);
  expect(source.sent).toEqual(['{job="syslog"} "a"', '{job="other"} "b"']);
  const closed = once(socket.resume(), "close");
  source.running.update?.(config({ protocol: "udp" }));
  await closed;
  await turnsUntil(() => shown(source)[0]?.protocol === "udp" && shown(source)[0]?.listening === true);
  await sendDatagrams(portOf(source), "<34>1 - - - - - - c");
  await source.sentCount(3);
});

test("a stop deals with what has come, and what nobody takes is counted", async () => {
  const source = await syslog();
  source.answer = () => new Promise(() => {});
  const socket = await connected(source);
  socket.write("<34>1 - - - - - - a\n");
  await source.sentCount(1);
  const stopped = source.stop();
  await source.clock.advance(2000);
  await stopped;
  expect(source.metrics).toEqual({ 'dropped{reason="stopped"}': 1, connections: 0 });
  expect(source.clock.pending).toBe(0);
  socket.destroy();
});

test("TLS is spoken with the certificates of now, and clients have to show theirs if authorities are given", async () => {
  using dir = tempDir();
  const server = makeCertificate(dir.path);
  const client = makeCertificate(dir.path, "client");
  const tls = { cert_file: "server.crt", key_file: "server.key", ca_file: "client.crt" };
  await using source = await syslog({ tls_config: tls }, {}, dir.path);
  const options = { host: "127.0.0.1", port: portOf(source), ca: server.cert };
  const known = connectTls({ ...options, cert: client.cert, key: client.key });
  known.end("<34>1 - - - - - - over TLS\n");
  await source.sentCount(1);
  const unknown = connectTls(options)
    .on("error", () => {})
    .resume();
  await new Promise((resolve) => unknown.once("close", resolve));
  await turnsUntil(() => source.logs.length === 1);
  expect(source.logs[0]?.message).toBe("a sender was refused");
  expect(String(source.logs[0]?.fields.reason)).toContain("TLS handshake failed: ");

  const renewed = makeCertificate(dir.path);
  await turnsUntil(() => source.metrics.connections === 0);
  const timers = source.clock.pending;
  await source.clock.advance(5000);
  // The files are read by now once the clock waits for the next look at them.
  await turnsUntil(() => source.clock.pending === timers);
  const after = connectTls({ ...options, ca: renewed.cert, cert: client.cert, key: client.key });
  after.end("<34>1 - - - - - - renewed\n");
  await source.sentCount(2);
  expect(source.sent).toEqual(['{job="syslog"} "over TLS"', '{job="syslog"} "renewed"']);
});

test("certificates that cannot be used are told with the place", async () => {
  await using source = await syslog({ tls_config: { cert_file: "/no/cert", key_file: "/no/key" } });
  expect(source.health()).toEqual({
    state: "unhealthy",
    reason: "cannot listen on 127.0.0.1:0: cannot read cert_file: ENOENT: no such file or directory, open '/no/cert'",
  });
});

test("settings that do not go together are refused", () => {
  const f = (listeners: object[], want: string[]) => {
    const { error } = lokiSourceSyslog.config.safeParse({ listeners });
    expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []).toEqual(want);
  };
  f([{ address: ":514" }, { address: ":514", protocol: "udp" }], []);
  f([{ address: ":514" }, { address: ":514" }], ["listeners.1.address: two listeners listen on tcp :514"]);
  f([], ["listeners: at least one listener is needed"]);
  f(
    [{ address: ":514", protocol: "udp", tls_config: { cert: "a", key: "b" } }],
    ["listeners.0.tls_config: TLS needs protocol: tcp"],
  );
  f(
    [{ address: ":514", raw_format_options: {} }],
    ["listeners.0.raw_format_options: it belongs to syslog_format: raw"],
  );
  f(
    [{ address: ":514", tls_config: {} }],
    [
      "listeners.0.tls_config.cert_file: a server needs a certificate: set cert_file",
      "listeners.0.tls_config.key_file: a server needs the private key of its certificate: set key_file",
    ],
  );
});

test("raw lines end with a NUL where that is wanted, and RFC 3164 is read", async () => {
  const options = { use_null_terminator_delimiter: true };
  await using raw = await syslog({ syslog_format: "raw", raw_format_options: options });
  (await connected(raw)).end("<14>CEF:0\nmore\0plain\0");
  await raw.sentCount(2);
  expect(raw.sent).toEqual(['{job="syslog"} "CEF:0\\nmore"', '{job="syslog"} "plain"']);

  await using old = await syslog({ syslog_format: "rfc3164", use_incoming_timestamp: true });
  (await connected(old)).end("<34>Dec 31 23:59:59 host su[1]: failed\n");
  await old.sentCount(1);
  expect(old.sent).toEqual(['{job="syslog"} "failed"']);
  expect(old.batches[0]?.timestamps[0]).toBe(BigInt(Date.UTC(2025, 11, 31, 23, 59, 59)) * 1_000_000n);
});
