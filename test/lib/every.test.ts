import { expect, test } from "vitest";
import { sleep } from "../../src/lib/clock.ts";
import { every } from "../../src/lib/every.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("runs at once, then at each interval, and ends when it is stopped", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const runs: number[] = [];
  const done = every(clock, 1000, stop.signal, () => void runs.push(clock.monotonic()));
  await clock.advance(2500);
  stop.abort();
  await done;
  expect(runs).toEqual([0, 1000, 2000]);
  expect(clock.pending).toBe(0);
});

test("a run that takes long delays the next one instead of meeting it", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const runs: number[] = [];
  const done = every(clock, 1000, stop.signal, async () => {
    runs.push(clock.monotonic());
    await sleep(clock, 1500, stop.signal);
  });
  await clock.advance(3200);
  stop.abort();
  await done;
  expect(runs).toEqual([0, 1500, 3000]);
});

test("what a run throws ends the loop", async () => {
  const stop = new AbortController();
  await expect(every(new FakeClock(), 1000, stop.signal, () => Promise.reject(new Error("broken")))).rejects.toThrow(
    "broken",
  );
});
