import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGoTime } from "../../../src/formats/log-line/go-time.ts";
import { formatGoTime } from "../../../src/formats/log-line/go-time-format.ts";
import { timeZone, utc } from "../../../src/formats/log-line/time-zone.ts";

test.each([
  ["Mon Jan _2 15:04:05 2006", "Sat Mar  7 04:05:06 2026"],
  ["Monday, 02-January-06 3:4:5PM", "Saturday, 07-March-26 4:5:6AM"],
  ["2006-01-02T15:04:05.999999999Z07:00", "2026-03-07T04:05:06.00789Z"],
  ["15:04:05.000 .00 .9 ,999", "04:05:06.007 .00  ,007"],
  ["002 __2 1/2", "066  66 3/7"],
  ["MST -0700 -07 -07:00:00 Z0700", "UTC +0000 +00 +00:00:00 Z"],
])("%s is written as %s", (layout, want) => {
  expect(formatGoTime(layout, 1_772_856_306_007_890_000n, utc)).toBe(want);
});

test("places have their own hours and abbreviations", () => {
  const shown = ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "America/Sao_Paulo"].map((name) =>
    formatGoTime("15:04 MST -0700", 1_772_856_306_000_000_000n, timeZone(name)),
  );
  expect(shown).toEqual([
    "23:05 EST -0500",
    "05:05 CET +0100",
    "09:35 IST +0530",
    "13:05 +09 +0900",
    "01:05 -03 -0300",
  ]);
});

test("what is written is read back, in any place and at any time", () => {
  const layout = "2006-01-02T15:04:05.000000000Z07:00:00";
  const place = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe");
  const time = fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_000_000_000_000_000n });
  fc.assert(
    fc.property(time, place, (nanoseconds, name) => {
      const text = formatGoTime(layout, nanoseconds, timeZone(name));
      expect(parseGoTime(layout, text), text).toBe(nanoseconds);
    }),
  );
});
