import { gzipSync } from "node:zlib";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { lokiSourceApi } from "../../../src/components/loki/source-api.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import { writePushRequest } from "../../reference/loki-push.ts";
import { freePort } from "../../support/http-server.ts";
import { logBatch } from "../../support/log-batches.ts";
import { type RunningSource, runLogSource } from "../../support/log-source.ts";

/** The component at work; it listens when this resolves. */
async function receiving(config: object = {}): Promise<RunningSource & { url: () => string }> {
  const source = runLogSource(lokiSourceApi, { listen_address: "127.0.0.1:0", ...config });
  await source.state("healthy");
  return Object.assign(source, { url: () => shown(source).url });
}

function shown({ running }: RunningSource): { url: string; listening: boolean } {
  const debug = running.debug ?? (() => ({}));
  return debug() as { url: string; listening: boolean };
}

const json = { "content-type": "application/json" };
const protobuf = { "content-type": "application/x-protobuf" };
const text = { "content-type": "text/plain" };

interface Push {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body: string | Buffer | ArrayBuffer | Uint8Array;
}

/** `204 `, or the status and what is said. */
async function post(url: string, { path = "/loki/api/v1/push", headers = json, body }: Push): Promise<string> {
  const response = await fetch(url + path, { method: "POST", headers, body: body as Uint8Array<ArrayBuffer> });
  return `${response.status} ${await response.text()}`;
}

const streams = [
  {
    stream: { app: "web" },
    values: [
      ["1700000000000000001", "one"],
      ["1700000000000000002", "two", { trace: "7" }],
    ],
  },
  { stream: { app: "db" }, values: [["1700000000000000003", "three"]] },
];
const body = JSON.stringify({ streams });
const message = writePushRequest([
  {
    labels: '{app="web"}',
    entries: [
      { timestamp: { seconds: "1700000000", nanos: 1 }, line: "one" },
      {
        timestamp: { seconds: "1700000000", nanos: 2 },
        line: "two",
        structuredMetadata: [{ name: "trace", value: "7" }],
      },
    ],
  },
  { labels: '{app="db"}', entries: [{ timestamp: { seconds: "1700000000", nanos: 3 }, line: "three" }] },
]);
const batches = [
  {
    ...logBatch({ app: "web" }, ["one", "two"], [1_700_000_000_000_000_001n, 1_700_000_000_000_000_002n]),
    metadata: [[], labelsFrom({ trace: "7" })],
  },
  logBatch({ app: "db" }, ["three"], [1_700_000_000_000_000_003n]),
];

test.each([
  ["JSON", { body }],
  ["JSON in gzip", { headers: { ...json, "content-encoding": "gzip" }, body: gzipSync(body) }],
  ["JSON with a charset", { headers: { "content-type": "Application/JSON; charset=utf-8" }, body }],
  ["protobuf", { headers: protobuf, body: compress(message) }],
  [
    "protobuf that says so",
    { headers: { ...protobuf, "content-encoding": "snappy" }, body: compress(message), path: "/api/v1/push" },
  ],
  ["protobuf in gzip", { headers: { ...protobuf, "content-encoding": "gzip" }, body: gzipSync(compress(message)) }],
  ["protobuf at the old path", { path: "/api/prom/push", headers: protobuf, body: compress(message) }],
])("a push of %s is passed on and acknowledged", async (_, push) => {
  await using source = await receiving({ use_incoming_timestamp: true });
  expect(await post(source.url(), push)).toBe("204 ");
  expect(source.recorder.batches).toEqual(batches);
  expect(source.metrics.entries).toBe(3);
});

test("the old path takes the old JSON", async () => {
  await using source = await receiving({ use_incoming_timestamp: true });
  const old = {
    streams: [{ labels: '{app="web"}', entries: [{ ts: "1970-01-01T00:00:00.000000005Z", line: "one" }] }],
  };
  expect(await post(source.url(), { path: "/api/prom/push", body: JSON.stringify(old) })).toBe("204 ");
  expect(source.recorder.batches).toEqual([logBatch({ app: "web" }, ["one"], [5n])]);
});

test("without use_incoming_timestamp entries have the time of their arrival, no two of them the same", async () => {
  await using source = await receiving();
  await post(source.url(), { body });
  await post(source.url(), { body });
  const now = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
  expect(source.recorder.batches.flatMap(({ timestamps }) => [...timestamps])).toEqual(
    [0n, 1n, 2n, 3n, 4n, 5n].map((at) => now + at),
  );
});

test("a tenant is a label that travels on, the labels of the component win, and the rules see all of them", async () => {
  await using source = await receiving({
    labels: { via: "api", app: "all" },
    relabel_rules: [
      { source_labels: ["__host"], target_label: "host" },
      { source_labels: ["__tenant_id__"], regex: "(.+)", target_label: "org" },
      { source_labels: ["host"], regex: "noise", action: "drop" },
    ],
  });
  const push = (stream: object, headers = {}) =>
    post(source.url(), {
      headers: { ...json, ...headers },
      body: JSON.stringify({ streams: [{ stream, values: [["1", "a"]] }] }),
    });
  expect(await push({ app: "web", __host: "vm" }, { "X-Scope-OrgID": "team" })).toBe("204 ");
  expect(await push({ __tenant_id__: "another's" })).toBe("204 ");
  expect(await push({ __host: "noise" })).toBe("204 ");
  expect(source.recorder.batches.map(({ stream }) => stream)).toEqual([
    labelsFrom({ app: "all", via: "api", host: "vm", org: "team", __tenant_id__: "team" }),
    labelsFrom({ app: "all", via: "api" }),
  ]);
});

test("raw bodies are lines", async () => {
  await using source = await receiving({ labels: { app: "script" } });
  const path = "/loki/api/v1/raw";
  expect(await post(source.url(), { path, headers: text, body: "one\r\n\n  two \nthree" })).toBe("204 ");
  const gzip = { ...text, "content-encoding": "gzip" };
  expect(await post(source.url(), { path: "/api/v1/raw", headers: gzip, body: gzipSync("four\n") })).toBe("204 ");
  expect(await post(source.url(), { path, headers: text, body: "\n" })).toBe("204 ");
  expect(source.recorder.batches.map(({ stream, lines }) => [stream, lines])).toEqual([
    [
      ["app", "script"],
      ["one", "  two ", "three"],
    ],
    [["app", "script"], ["four"]],
  ]);
});

test("entries without a label are left out", async () => {
  await using source = await receiving();
  expect(await post(source.url(), { path: "/loki/api/v1/raw", headers: text, body: "one" })).toBe("204 ");
  expect(await post(source.url(), { body: JSON.stringify({ streams: [] }) })).toBe("204 ");
  expect(source.recorder.batches).toEqual([]);
});

test.each<[string, Push, string | RegExp]>([
  [
    "another type",
    { headers: text, body: "x" },
    '415 the Content-Type is "text/plain"; accepted are application/json and application/x-protobuf\n',
  ],
  [
    "another encoding",
    { headers: { ...json, "content-encoding": "br" }, body: "x" },
    '415 the Content-Encoding is "br"; accepted is gzip\n',
  ],
  [
    "gzip that is none",
    { headers: { ...json, "content-encoding": "gzip" }, body: "x" },
    /^400 cannot decompress the body: /,
  ],
  ["snappy that is none", { headers: protobuf, body: "" }, /^400 the body is no block of Snappy: /],
  [
    "protobuf that is none",
    { headers: protobuf, body: compress(Buffer.from("x")) },
    /^400 the body is no PushRequest: /,
  ],
  ["JSON that is none", { body: '{"streams":1}' }, "400 streams must be a list\n"],
  [
    "labels that are none",
    { headers: protobuf, body: compress(writePushRequest([{ labels: "app", entries: [{ line: "a" }] }])) },
    /^400 /,
  ],
  [
    "a long body",
    { body: JSON.stringify({ streams: [{ stream: { a: "1" }, values: [["1", "x".repeat(2000)]] }] }) },
    /^413 the body is too large: .* \(max_send_message_size\)\n$/,
  ],
  [
    "a body that becomes long",
    { headers: { ...json, "content-encoding": "gzip" }, body: gzipSync("x".repeat(2000)) },
    "413 the body is too large: more than 1024 bytes when decompressed (max_send_message_size)\n",
  ],
  [
    "a block that becomes long",
    { headers: protobuf, body: compress(Buffer.alloc(2000)) },
    /^413 the body is too large: .* \(max_send_message_size\)\n$/,
  ],
  ["another path", { path: "/loki/api/v1/query", body }, "404 404 page not found\n"],
])("%s is refused, and nothing is passed on", async (_, push, answer) => {
  await using source = await receiving({ max_send_message_size: "1KiB" });
  const told = await post(source.url(), push);
  if (typeof answer === "string") expect(told).toBe(answer);
  else expect(told).toMatch(answer);
  expect(source.recorder.batches).toEqual([]);
});

test("it says that it is ready, and that it takes pushes by POST only", async () => {
  await using source = await receiving();
  const get = async (path: string) => {
    const response = await fetch(source.url() + path);
    return `${response.status} ${response.headers.get("allow")} ${await response.text()}`;
  };
  expect(await get("/ready")).toBe("200 null ready\n");
  expect(await get("/loki/api/v1/push")).toBe("405 POST send it by POST\n");
});

test("what a receiver refuses the sender keeps", async () => {
  await using source = await receiving();
  source.answer = () => Promise.reject(new Error("the disk is full"));
  const response = await fetch(`${source.url()}/loki/api/v1/push`, { method: "POST", headers: json, body });
  expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
    503,
    "5",
    "not written, send it again: the disk is full\n",
  ]);
  expect(source.metrics.entries).toBeUndefined();
});

test("while receivers have no room, the sender is told so, and nothing more is handed to them", async () => {
  await using source = await receiving();
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  let offered = 0;
  source.answer = () => {
    offered++;
    return room;
  };
  const first = post(source.url(), { body });
  await source.until(() => offered === 2);
  await source.clock.advance(8000);
  const noRoom = "503 the receivers have no room at present, send it again\n";
  expect(await first).toBe(noRoom);
  expect(await post(source.url(), { body })).toBe(noRoom);
  expect(offered).toBe(2);
  makeRoom();
  expect(await post(source.url(), { body })).toBe("204 ");
});

test("more than max_requests at a time are told to come again", async () => {
  await using source = await receiving({ max_requests: 1 });
  const { promise: room, resolve: makeRoom } = Promise.withResolvers<void>();
  let offered = 0;
  source.answer = () => {
    offered++;
    return room;
  };
  const first = post(source.url(), { body });
  await source.until(() => offered === 2);
  expect(await post(source.url(), { body })).toBe("503 1 requests are under way (max_requests)\n");
  makeRoom();
  expect(await first).toBe("204 ");
});

test("a reload changes labels and limits in place, and moves the port where that changes", async () => {
  await using source = await receiving();
  const url = source.url();
  const next = (config: object) => source.running.update?.(lokiSourceApi.config.parse(config));
  next({ listen_address: "127.0.0.1:0", labels: { a: "1" } });
  expect(source.url()).toBe(url);
  await post(url, { body });
  expect(source.recorder.batches[0]?.stream).toEqual(labelsFrom({ app: "web", a: "1" }));
  const port = await freePort();
  next({ listen_address: `127.0.0.1:${port}` });
  await source.until(() => shown(source).listening);
  expect(await post(`http://127.0.0.1:${port}`, { body })).toBe("204 ");
});
