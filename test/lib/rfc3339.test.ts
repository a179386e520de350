import { expect, test } from "vitest";
import { formatRfc3339, parseRfc3339 } from "../../src/lib/rfc3339.ts";

test.each([
  ["1970-01-01T00:00:00Z", 0n],
  ["1970-01-01T00:00:01.000000001Z", 1_000_000_001n],
  ["1970-01-01T01:00:00.5+01:00", 500_000_000n],
  ["1969-12-31T23:59:59.999999999Z", -1n],
])("%s is %d", (text, time) => {
  expect(parseRfc3339(text)).toBe(time);
});

test.each([
  "",
  "1970-01-01",
  "1970-13-01T00:00:00Z",
  "1970-01-01T00:00:00",
  "1970-01-01T00:00:00.Z",
  "a1970-01-01T00:00:00Z",
])("%j is no time", (text) => {
  expect(parseRfc3339(text)).toBeUndefined();
});

test.each([
  [0n, "1970-01-01T00:00:00.000000000Z"],
  [1_000_000_001n, "1970-01-01T00:00:01.000000001Z"],
])("%d is written with all nine digits", (nanoseconds, text) => {
  expect(formatRfc3339(nanoseconds)).toBe(text);
});
