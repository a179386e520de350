import { expect, test } from "vitest";
import { Poll } from "../../../src/engines/discovery/poll.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function start(task: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const runs: number[] = [];
  const poll = new Poll(clock, async () => {
    runs.push(clock.monotonic());
    await task();
    return 5_000;
  });
  return { clock, stop, runs, poll, ended: poll.run(stop.signal) };
}

test("the task runs at once and then after every time that it asks for", async () => {
  const { clock, stop, runs, ended } = start();
  await clock.advance(12_000);
  expect(runs).toEqual([0, 5_000, 10_000]);
  stop.abort();
  await ended;
  expect(clock.pending).toBe(0);
});

test("a burst of hints runs the task once, when the burst has settled", async () => {
  const { clock, stop, runs, poll, ended } = start();
  await clock.advance(1_000);
  for (let hint = 0; hint < 10; hint++) poll.hint();
  await clock.advance(1_000);
  expect(runs).toEqual([0, 1_250]);
  stop.abort();
  await ended;
});

test("a hint that falls due while the task runs makes it run again", async () => {
  const first = Promise.withResolvers<void>();
  const { clock, stop, runs, poll, ended } = start(() => first.promise);
  poll.hint();
  await clock.advance(1_000);
  expect(runs).toEqual([0]);
  first.resolve();
  await clock.advance(0);
  expect(runs).toEqual([0, 1_000]);
  stop.abort();
  await ended;
});

test("stopping waits for the task, and forgets hints", async () => {
  const first = Promise.withResolvers<void>();
  const { clock, stop, runs, poll, ended } = start(() => first.promise);
  poll.hint();
  stop.abort();
  first.resolve();
  await ended;
  expect(clock.pending).toBe(0);
  expect(runs).toEqual([0]);
});

test("what the task throws ends the run", async () => {
  const failure = new Error("no");
  const { ended } = start(() => Promise.reject(failure));
  await expect(ended).rejects.toBe(failure);
});
