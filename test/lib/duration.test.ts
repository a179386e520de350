import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/lib/duration.ts";

test("reads durations as Prometheus writes them", () => {
  const f = (text: string, want: number | undefined) => expect(parseDuration(text), text).toBe(want);
  f("15s", 15_000);
  f("1m30s", 90_000);
  f("1h", 3_600_000);
  f("250ms", 250);
  f("1d12h", 129_600_000);
  f("1y2w", 31_536_000_000 + 1_209_600_000);
  f("0", 0);
  f("0s", 0);
  f("", undefined);
  f("15", undefined);
  f("1.5s", undefined);
  f("-1s", undefined);
  f("30s1m", undefined);
  f("1m1m", undefined);
  f("1 m", undefined);
});

test("writes what it reads back", () => {
  fc.assert(fc.property(fc.nat(10 ** 9), (ms) => parseDuration(formatDuration(ms)) === ms));
  expect(formatDuration(90_000)).toBe("1m30s");
});
