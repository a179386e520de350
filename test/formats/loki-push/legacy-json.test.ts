import { expect, test } from "vitest";
import { decodeLegacyJson } from "../../../src/formats/loki-push/legacy-json.ts";
import { LokiPushError } from "../../../src/formats/loki-push/loki-push-error.ts";
import { logBatch } from "../../support/log-batches.ts";

const entry = (ts: unknown, line: unknown = "a") => ({ streams: [{ labels: '{a="1"}', entries: [{ ts, line }] }] });
const decode = (body: unknown) => decodeLegacyJson(JSON.stringify(body));

test("streams are batches, and times have all their digits", () => {
  const entries = [
    { ts: "2026-01-01T00:00:00.123456789Z", line: "one" },
    { ts: "2026-01-01T01:00:00.5+01:00", line: "two" },
    { ts: "1969-12-31T23:59:59.999999999Z", line: "three" },
  ];
  const streams = [
    { labels: '{b="2", a="1"}', entries },
    { labels: '{c="3"}', entries: [] },
  ];
  const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
  expect(decode({ streams })).toEqual([
    logBatch({ a: "1", b: "2" }, ["one", "two", "three"], [start + 123_456_789n, start + 500_000_000n, -1n]),
  ]);
});

test.each([
  ["{", /^the body is not JSON: /],
  [[], "the body must be an object"],
  [{ streams: {} }, "streams must be a list"],
  [{ streams: [1] }, "streams[0] must be an object"],
  [{ streams: [{ labels: {}, entries: [] }] }, "streams[0].labels must be a string"],
  [{ streams: [{ labels: "{}", entries: 1 }] }, "streams[0].entries must be a list"],
  [entry("2026-01-01T00:00:00Z", 1), "streams[0].entries[0].line must be a string"],
  [entry("2026-13-01T00:00:00Z"), "streams[0].entries[0].ts must be a time such as 2026-01-01T00:00:00.000000001Z"],
  [entry(1), "streams[0].entries[0].ts must be a time such as 2026-01-01T00:00:00.000000001Z"],
])("%j is refused", (body, message) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  expect(() => decodeLegacyJson(text)).toThrow(LokiPushError);
  expect(() => decodeLegacyJson(text)).toThrow(message);
});
