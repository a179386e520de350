import { expect, test } from "vitest";
import { garbageCollector, HeapKeeper } from "../../src/agent/heap-keeper.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("collects at pauses that double, until it is closed", async () => {
  const clock = new FakeClock(0);
  const times: number[] = [];
  const keeper = new HeapKeeper(clock, () => times.push(clock.monotonic() / 1000));
  await clock.advance(2_000_000);
  expect(times).toEqual([10, 30, 70, 150, 310, 630, 1230, 1830]);
  keeper.close();
  await clock.advance(2_000_000);
  expect(times).toHaveLength(8);
});

test("V8 collects what nobody holds", () => {
  const held = new WeakRef({});
  // A reference is held until the turn ends in which it was made or looked at.
  return new Promise<void>((resolve) =>
    setImmediate(() => {
      garbageCollector()();
      expect(held.deref()).toBeUndefined();
      resolve();
    }),
  );
});
