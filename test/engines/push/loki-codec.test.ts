import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { PushRequest } from "../../../src/engines/push/block-codec.ts";
import { batchesOf, type LokiCodecOptions, lokiCodec, tenantOf } from "../../../src/engines/push/loki-codec.ts";
import type { Outcome } from "../../../src/engines/push/push-client.ts";
import { rejectedEntries } from "../../../src/engines/push/rejected-entries.ts";
import { readLogBlock, writeLogBlock } from "../../../src/formats/loki-push/log-block.ts";
import { encodePushRequest } from "../../../src/formats/loki-push/push-request.ts";
import { SnappyEncoder } from "../../../src/lib/snappy.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";
import { logRows } from "../../support/log-rows.ts";

const batches = [
  logRows({ app: "a" }, [1n, "one", { trace: "1f" }], [2n, "two"]),
  logRows({ app: "b" }, [3n, "three"]),
];

function codecOf(options: Partial<LokiCodecOptions> = {}) {
  return lokiCodec({ encoding: "protobuf", retriesRateLimited: true, ...options });
}

function blockOf(tenant: string, entries: readonly LogBatch[] = batches) {
  const allocate = (length: number) => new Uint8Array(length);
  const payload = writeLogBlock(tenant, encodePushRequest(entries), new SnappyEncoder(), allocate);
  return { sequence: 1, payload, records: 3, maxTimestamp: 7, kind: 3 };
}

test("a block is sent as it is, without the tenant in front", () => {
  const block = blockOf("");
  const request = codecOf().request(block);
  expect(request).toEqual({
    payload: readLogBlock(block.payload).request,
    records: 3,
    maxTimestamp: 7,
    headers: { "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf" },
  });
  expect(request.payload.buffer).toBe(block.payload.buffer);
});

test("the tenant of the entries is sent, else that of the endpoint; its headers are one object", () => {
  const codec = codecOf({ tenant: "own" });
  const [first, second, other] = [blockOf("x"), blockOf("x"), blockOf("")].map((block) => codec.request(block).headers);
  expect([first, other].map((headers) => headers?.["X-Scope-OrgID"])).toEqual(["x", "own"]);
  expect(first).toBe(second);
  for (let at = 0; at < 2000; at++) codec.request(blockOf(`tenant-${at}`));
  expect(codec.request(blockOf("x")).headers).toEqual(first);
});

test("for JSON a block is translated, and compressed with gzip", () => {
  const request = codecOf({ encoding: "json", tenant: "own" }).request(blockOf(""));
  expect(request.headers).toEqual({
    "Content-Encoding": "gzip",
    "Content-Type": "application/json",
    "X-Scope-OrgID": "own",
  });
  expect(JSON.parse(gunzipSync(request.payload).toString())).toEqual({
    streams: [
      {
        stream: { app: "a" },
        values: [
          ["1", "one", { trace: "1f" }],
          ["2", "two"],
        ],
      },
      { stream: { app: "b" }, values: [["3", "three"]] },
    ],
  });
});

test.for(["protobuf", "json"] as const)("halves of %s are cut down to single entries", (encoding) => {
  const codec = codecOf({ encoding });
  const whole = codec.request(blockOf("x"));
  const lines = (request: PushRequest) => batchesOf(request).flatMap((batch) => batch.lines);
  const [first, second] = codec.halves(whole) ?? [];
  expect([first, second].map((half) => [half?.records, half && lines(half), half && tenantOf(half.headers)])).toEqual([
    [1, ["one"], "x"],
    [2, ["two", "three"], "x"],
  ]);
  expect(first && codec.halves(first)).toBeUndefined();
});

function judged(outcome: Outcome, options: Partial<LokiCodecOptions> = {}): Outcome {
  const codec = codecOf(options);
  return codec.judge(outcome, codec.request(blockOf("")));
}

test("what Loki says about entries shows that it has read them", () => {
  const wrong = { kind: "reject", status: 400, reason: "HTTP 400: no such thing" } as const;
  expect(judged(wrong)).toEqual(wrong);
  for (const said of [
    "entry for stream '{}' has timestamp too old: x",
    "entry too far behind",
    "max entry size '262144' bytes exceeded",
    "entry for stream '{}' has 16 label names; limit 15",
    "error parsing labels",
    "stream '{}' has structured metadata too large",
    "error at least one label pair is required per stream",
  ]) {
    expect(judged({ ...wrong, reason: `HTTP 400: ${said}` })).toMatchObject({ kind: "reject", hasRead: true });
  }
});

test("a rate limit is waited out, or its entries are given up where that is wanted", () => {
  const limited = { kind: "retry", status: 429, reason: "HTTP 429", afterMs: 5 } as const;
  expect(judged(limited)).toBe(limited);
  expect(judged(limited, { retriesRateLimited: false })).toEqual({ kind: "reject", status: 429, reason: "HTTP 429" });
  const down = { kind: "retry", status: 503, reason: "HTTP 503" } as const;
  expect(judged(down, { retriesRateLimited: false })).toBe(down);
});

test("blocked ingestion is no delivery, and a mistake in the config costs nothing", () => {
  expect(judged({ kind: "delivered", status: 204 })).toEqual({ kind: "delivered", status: 204 });
  expect(judged({ kind: "delivered", status: 260 })).toMatchObject({ kind: "reject", status: 260 });
  expect(judged({ kind: "reject", status: 415, reason: "HTTP 415" })).toEqual({
    kind: "park",
    status: 415,
    reason: "HTTP 415; set encoding to the other one",
  });
  const unauthorized = { kind: "park", status: 401, reason: "HTTP 401; check the credentials" } as const;
  expect(judged(unauthorized)).toMatchObject({ reason: "HTTP 401; check the credentials, or set tenant_id" });
  expect(judged(unauthorized, { tenant: "own" })).toBe(unauthorized);
  expect(codecOf().fallBack()).toBe(false);
});

test("what was rejected is told stream by stream, with the words of the receiver", () => {
  const endpoint = { name: "central", url: new URL("http://user:secret@loki:3100/loki/api/v1/push?token=secret") };
  const rejection = { kind: "reject", status: 400, reason: "HTTP 400: too old" } as const;
  expect(rejectedEntries(0, endpoint, codecOf().request(blockOf("x")), rejection)).toEqual([
    {
      time: "1970-01-01T00:00:00.000Z",
      endpoint: "central",
      url: "http://loki:3100/loki/api/v1/push",
      tenant: "x",
      status: 400,
      reason: "HTTP 400: too old",
      stream: { app: "a" },
      values: [
        ["1", "one", { trace: "1f" }],
        ["2", "two"],
      ],
    },
    expect.objectContaining({ stream: { app: "b" }, values: [["3", "three"]] }),
  ]);
});
