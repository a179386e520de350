import { expect, test } from "vitest";
import { type Given, processed, stagesUnderTest } from "../../../support/stages.ts";

const before = "2026-01-01T00:00:00.000000000Z";

test.each([
  ["RFC3339Nano", "2019-04-30T02:12:41.844351513Z", "2019-04-30T02:12:41.844351513Z"],
  ["RFC1123Z", "Tue, 30 Apr 2019 04:12:41 +0200", "2019-04-30T02:12:41.000000000Z"],
  ["Unix", "1556590361", "2019-04-30T02:12:41.000000000Z"],
  ["UnixMs", "1556590361844", "2019-04-30T02:12:41.844000000Z"],
  ["UnixUs", "1556590361844351", "2019-04-30T02:12:41.844351000Z"],
  ["UnixNs", "1556590361844351513", "2019-04-30T02:12:41.844351513Z"],
  ["2006-01-02 15:04:05", "2019-04-30 02:12:41", "2019-04-30T02:12:41.000000000Z"],
  ["Jan _2 15:04:05", "Dec 31 23:59:59", "2025-12-31T23:59:59.000000000Z"],
  ["RFC3339", "nonsense", before],
])("timestamp reads %s: %s", (format, text, time) => {
  expect(processed([{ timestamp: { source: "t", format } }], { extracted: { t: text } })?.time).toBe(time);
});

test("timestamp takes a time without a zone for one of the location", () => {
  const stage = { timestamp: { source: "t", format: "2006-01-02 15:04:05", location: "Europe/Berlin" } };
  expect(processed([stage], { extracted: { t: "2019-07-01 12:00:00" } })?.time).toBe("2019-07-01T10:00:00.000000000Z");
});

test("timestamp tries the other formats where the first one does not fit", () => {
  const stage = { timestamp: { source: "t", format: "Unix", fallback_formats: ["RFC3339", "2006-01-02"] } };
  expect(processed([stage], { extracted: { t: "2019-07-01" } })?.time).toBe("2019-07-01T00:00:00.000000000Z");
});

function times(options: object, texts: readonly (string | undefined)[], labels: Given["labels"] = {}): string[] {
  const stages = stagesUnderTest([{ timestamp: { source: "t", format: "RFC3339", ...options } }]);
  const entries = texts.map((text) => ({ labels, extracted: text === undefined ? {} : { t: text } }));
  return stages.process(...entries).map(({ time }) => time);
}

test("timestamp gives an entry without a time the one of the entry before and a nanosecond, or lets it be", () => {
  const texts = [undefined, "2019-07-01T00:00:00Z", undefined, "nonsense"];
  expect(times({}, texts)).toEqual([
    before,
    "2019-07-01T00:00:00.000000000Z",
    "2019-07-01T00:00:00.000000001Z",
    "2019-07-01T00:00:00.000000002Z",
  ]);
  expect(times({ action_on_failure: "skip" }, texts)).toEqual([
    before,
    "2019-07-01T00:00:00.000000000Z",
    before,
    before,
  ]);
});

test("timestamp keeps the order of entries of the same time by nanoseconds, or lets them be", () => {
  const texts = ["2019-07-01T00:00:00Z", "2019-07-01T00:00:00Z", "2019-07-01T00:00:00Z", "2019-07-01T00:00:01Z"];
  const fraction = (time: string) => time.slice(17);
  expect(times({}, texts).map(fraction)).toEqual(["00.000000000Z", "00.000000001Z", "00.000000002Z", "01.000000000Z"]);
  expect(times({ action_on_duplicate_timestamp: "keep" }, texts).map(fraction)).toEqual([
    "00.000000000Z",
    "00.000000000Z",
    "00.000000000Z",
    "01.000000000Z",
  ]);
});

test("timestamp keeps the last time of each stream by itself", () => {
  const stages = stagesUnderTest([{ timestamp: { source: "t", format: "RFC3339" } }]);
  const entries = stages.process(
    { labels: { s: "a" }, extracted: { t: "2019-07-01T00:00:00Z" } },
    { labels: { s: "b" }, extracted: { t: "2019-07-01T00:00:00Z" } },
    { labels: { s: "c" } },
  );
  expect(entries.map(({ time }) => time)).toEqual([
    "2019-07-01T00:00:00.000000000Z",
    "2019-07-01T00:00:00.000000000Z",
    before,
  ]);
});
