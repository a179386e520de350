import { expect, test } from "vitest";
import { RisingNanoseconds } from "../../src/lib/rising-nanoseconds.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("no two times are the same, and each is in its millisecond", async () => {
  const clock = new FakeClock(1000);
  const times = new RisingNanoseconds(clock);
  expect([times.now(), times.now(), times.now()]).toEqual([1_000_000_000n, 1_000_000_001n, 1_000_000_002n]);
  await clock.advance(1);
  expect([times.now(), times.now()]).toEqual([1_001_000_000n, 1_001_000_001n]);
});

test("a clock that was set back is followed", () => {
  const clock = new FakeClock(1000);
  const times = new RisingNanoseconds(clock);
  times.now();
  clock.setWall(-500);
  expect([times.now(), times.now()]).toEqual([500_000_000n, 500_000_001n]);
});
