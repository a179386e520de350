import { gzipSync } from "node:zlib";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { encodeJson } from "../../src/formats/loki-push/json.ts";
import { encodePushRequest } from "../../src/formats/loki-push/push-request.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import { writePushRequest } from "../reference/loki-push.ts";
import { type StrictLoki, startStrictLoki } from "./strict-loki.ts";

const start = Date.UTC(2026, 0, 1);
const now = () => start;
const second = 1_000_000_000n;
const t0 = BigInt(start) * 1_000_000n;

function batchOf(stream: string[], ...entries: (readonly [bigint, string])[]): LogBatch {
  return {
    stream,
    timestamps: BigInt64Array.from(entries.map(([time]) => time)),
    lines: entries.map(([, line]) => line),
  };
}

async function send(loki: StrictLoki, body: Uint8Array, headers: Record<string, string> = {}): Promise<string> {
  const type = { "content-type": "application/x-protobuf" };
  const response = await fetch(loki.url, { method: "POST", body: body.slice(), headers: { ...type, ...headers } });
  return `${response.status} ${await response.text()}`.trim();
}

const push = (loki: StrictLoki, batches: readonly LogBatch[], headers = {}) =>
  send(loki, compress(encodePushRequest(batches)), headers);

test("it stores protobuf with snappy and JSON with gzip, and an entry that it has already only once", async () => {
  await using loki = await startStrictLoki({ now });
  const batch = { ...batchOf(["app", "api"], [t0, "one"]), metadata: [["trace", "1f"]] };
  expect(await push(loki, [batch])).toBe("204");
  const json = { "content-type": "application/json; charset=utf-8", "content-encoding": "gzip" };
  const again = [batch, batchOf(["app", "api"], [t0 + second, "two"])];
  expect(await send(loki, gzipSync(encodeJson(again)), json)).toBe("204");
  expect(loki.entries).toEqual([
    { tenant: "fake", stream: ["app", "api"], timestamp: t0, line: "one", metadata: ["trace", "1f"] },
    { tenant: "fake", stream: ["app", "api"], timestamp: t0 + second, line: "two", metadata: [] },
  ]);
  expect(loki.duplicates).toBe(1);
  expect(loki.lines()).toEqual({ '{app="api"}': ["one", "two"] });
});

test("it refuses what is invalid and stores the rest of the request", async () => {
  await using loki = await startStrictLoki({ now, limits: { maxLineSize: 10 } });
  const many = Array.from({ length: 16 }, (_, at) => [`l${String(at).padStart(2, "0")}`, "x"]).flat();
  const answer = await push(loki, [
    batchOf([], [t0, "a"]),
    batchOf(["bad name", "x"], [t0, "b"]),
    batchOf(many, [t0, "c"]),
    batchOf(["app", "x".repeat(2049)], [t0, "d"]),
    batchOf(
      ["app", "api"],
      [t0, "good"],
      [t0 - 8n * 86_400n * second, "old"],
      [t0 + 601n * second, "new"],
      [t0, "01234567890"],
      [t0 - 3601n * second, "behind"],
      [t0 - 3600n * second, "window"],
    ),
  ]);
  expect(answer.split("\n").map((line) => line.replaceAll(/'\{.*\}'|x{99,}/g, "…"))).toEqual([
    "400 error at least one label pair is required per stream",
    "error parsing labels … with error: 1:1: parse error",
    "entry for stream … has 16 label names; limit 15",
    "stream … has label value too long: '…'",
    "entry for stream … has timestamp too old: 2025-12-24T00:00:00.000Z, oldest acceptable timestamp is: 2025-12-25T00:00:00.000Z",
    "entry for stream … has timestamp too new: 2026-01-01T00:10:01.000Z",
    "max entry size '10' bytes exceeded for stream … while adding an entry with length '11' bytes",
    "entry with timestamp 2025-12-31T22:59:59.000Z ignored, reason: 'entry too far behind, entry timestamp is: " +
      "2025-12-31T22:59:59.000Z, oldest acceptable timestamp is: 2025-12-31T23:00:00.000Z', user 'fake', for stream: {app=\"api\"}",
  ]);
  expect(loki.lines()).toEqual({ '{app="api"}': ["good", "window"] });
});

test("it limits the rate of a tenant and of a stream, and the number of streams", async () => {
  await using loki = await startStrictLoki({
    now,
    authEnabled: true,
    limits: { burstBytes: 20, streamBurstBytes: 10, maxStreams: 2 },
  });
  const tenant = { "x-scope-orgid": "team" };
  const text = "12345678";
  expect(await push(loki, [batchOf(["a", "1"], [t0, text], [t0, `${text}.`])], tenant)).toMatch(
    /^429 Per stream rate limit/,
  );
  expect(await push(loki, [batchOf(["a", "2"], [t0, text])], tenant)).toMatch(/^429 ingestion rate limit exceeded/);
  expect(await push(loki, [batchOf(["a", "2"], [t0, "x"])], tenant)).toBe("204");
  expect(await push(loki, [batchOf(["a", "3"], [t0, "x"])], tenant)).toMatch(/^429 maximum active stream limit/);
  expect(await push(loki, [batchOf(["a", "2"], [t0, "x"])])).toBe("401 no org id");
  expect(loki.lines("team")).toEqual({ '{a="1"}': [text], '{a="2"}': ["x"] });
});

test("it refuses bodies that it cannot read, and other paths", async () => {
  await using loki = await startStrictLoki({ now });
  expect(await push(loki, [])).toBe("422 at least one stream is required");
  expect(await send(loki, Buffer.from("hello"))).toMatch(/^400 /);
  expect(await send(loki, Buffer.from("hello"), { "content-type": "application/json" })).toMatch(/^400 /);
  expect(await send(loki, compress(writePushRequest([])), { "content-encoding": "gzip" })).toBe(
    '400 Content-Encoding "gzip" not supported',
  );
  const number = '{"streams":[{"stream":{"a":"b"},"values":[[1,"x"]]}]}';
  expect(await send(loki, Buffer.from(number), { "content-type": "application/json" })).toBe(
    "400 Value is not a string",
  );
  expect((await fetch(loki.url.replace("push", "query"))).status).toBe(404);
});

test("it answers as it is told, and stores nothing then", async () => {
  await using loki = await startStrictLoki({ now });
  loki.answer({ status: 500, body: "empty ring" });
  expect(await push(loki, [batchOf(["a", "1"], [t0, "x"])])).toBe("500 empty ring");
  expect(loki.requests.map(({ status, tenant, streams }) => [status, tenant, streams.length])).toEqual([
    [500, "fake", 1],
  ]);
  loki.answer();
  expect(await push(loki, [batchOf(["a", "1"], [t0, "x"])])).toBe("204");
  await loki.close();
  await using next = await startStrictLoki({ now, port: loki.port, after: loki });
  await next.entryCount(1);
});
