import { expect, test } from "vitest";
import { Settled } from "../../../src/engines/tail/settled.ts";

test("a value is settled once it is old enough", () => {
  const value = new Settled("a", 2_000);
  value.set("b", 1_000);
  expect([value.newest, value.at(2_999), value.at(3_000)]).toEqual(["b", "a", "b"]);
});

test("values that come faster than they settle do not hold it up", () => {
  const value = new Settled(0, 2_000);
  for (let now = 0; now <= 10_000; now += 100) {
    value.set(now, now);
    expect(now - value.at(now)).toBeLessThanOrEqual(4_000);
    if (value.at(now) > 0) expect(now - value.at(now)).toBeGreaterThanOrEqual(2_000);
  }
  expect(value.at(14_000)).toBe(10_000);
});
