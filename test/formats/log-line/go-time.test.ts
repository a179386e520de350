import { describe, expect, test } from "vitest";
import { compileGoTime, parseGoTime } from "../../../src/formats/log-line/go-time.ts";
import cases from "../../fixtures/log-line/go-time.json" with { type: "json" };

// The fixture holds what Go 1.26 makes of each text: time.Parse and time.ParseInLocation with the local zone UTC,
// strconv for the Unix formats, and the year that promtail fills in, by the calendar of the location. Times are seconds and nanoseconds; null is an error.
test("times are read as Go reads them", () => {
  expect(cases.length).toBeGreaterThan(150);
  for (const { layout, text, location, now = "2026-11-26T07:00:00Z", time } of cases) {
    const parsed = parseGoTime(layout, text, { location, now: () => Date.parse(now) });
    expect.soft(parsed, JSON.stringify({ layout, text, location, now })).toBe(nanoseconds(time));
  }
});

function nanoseconds(time: string | null): bigint | undefined {
  const [seconds = "", fraction = ""] = time?.split("|") ?? [];
  return time === null ? undefined : BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
}

describe("a compiled layout", () => {
  test("reads one text after the other, across a change of the clock", () => {
    const read = compileGoTime("2006-01-02 15:04", { location: "Europe/Berlin" });
    const texts = ["2026-03-29 01:59", "2026-03-29 03:00", "2026-03-29 01:58"];
    expect(texts.map((text) => read(text)! / 60_000_000_000n)).toEqual([29579099n, 29579100n, 29579098n]);
  });

  test("reads the time of this machine where the location is Local", () => {
    const local = BigInt(new Date(2026, 5, 1, 12, 0, 0).getTime()) * 1_000_000n;
    expect(parseGoTime("2006-01-02 15", "2026-06-01 12", { location: "Local" })).toBe(local);
  });

  test("needs a location that there is", () => {
    expect(() => compileGoTime("15:04", { location: "Europe/Nowhere" })).toThrow(
      'no time zone has the name "Europe/Nowhere"',
    );
  });
});
