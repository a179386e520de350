import { expect, test } from "vitest";
import { parseGoDuration } from "../../src/lib/go-duration.ts";

test("a duration is read as Go writes it", () => {
  expect(parseGoDuration("1.5s")).toBe(1500);
  expect(parseGoDuration("1h1m1s1ms")).toBe(3_661_001);
  expect(parseGoDuration("100us")).toBeCloseTo(0.1);
  expect(parseGoDuration("0")).toBe(0);
  for (const text of ["", "5", "s", "5d", "5s ", "foo"]) expect(parseGoDuration(text), text).toBeUndefined();
});
