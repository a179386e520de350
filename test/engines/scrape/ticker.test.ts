import { expect, test } from "vitest";
import { Ticker, tickOffset } from "../../../src/engines/scrape/ticker.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const interval = 10_000;

test("ticks lie at the offset from the interval's multiples on the absolute clock", async () => {
  const clock = new FakeClock(interval * 1_000_000 + 3_000);
  const first: number[] = [];
  for (const offset of [0, 3_000, 4_000]) new Ticker(clock, interval, offset).next((at) => first.push(at % interval));
  await clock.advance(interval);
  expect(first).toEqual([3_000, 4_000, 0]);
});

test("the timestamp is the tick's when it is at most two milliseconds away", async () => {
  const clock = new FakeClock(interval * 1_000_000);
  let error = 0;
  const ticker = new Ticker({ ...hands(clock), now: () => clock.now() + error }, interval, 5_000);
  const timestamps: number[] = [];
  for (const next of [2, -1, 3, 0]) {
    error = next;
    ticker.next((at) => timestamps.push(at - interval * 1_000_000));
    await clock.advance(interval);
  }
  expect(timestamps).toEqual([5_000, 15_000, 25_003, 35_000]);
});

test("late ticks are skipped, not piled up, and the phase stays", async () => {
  const clock = new FakeClock(interval * 1_000_000);
  const ticker = new Ticker(clock, interval, 0);
  const ticks: number[] = [];
  const note = (at: number) => ticks.push(at - interval * 1_000_000);
  ticker.next(note);
  await clock.advance(34_000);
  ticker.next(note);
  await clock.advance(1);
  ticker.next(note);
  await clock.advance(interval);
  expect(ticks).toEqual([0, 34_000, 40_000]);
});

test("a clock that is set back does not send timestamps into the future", async () => {
  const clock = new FakeClock(interval * 1_000_000);
  let error = 0;
  const ticker = new Ticker({ ...hands(clock), now: () => clock.now() + error }, interval, 0);
  ticker.next(() => {});
  await clock.advance(1);
  error = -3_600_500;
  let timestamp = 0;
  ticker.next((at) => {
    timestamp = at;
  });
  await clock.advance(interval);
  expect(timestamp).toBe(interval * 1_000_000 + interval - 3_600_500);
});

test("offsets are the same on every start and spread over the interval", () => {
  const offsets = Array.from({ length: 1000 }, (_, n) => tickOffset(`target ${n}`, "vm", interval));
  expect(offsets).toEqual(Array.from({ length: 1000 }, (_, n) => tickOffset(`target ${n}`, "vm", interval)));
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = offsets.filter((offset) => Math.floor(offset / 1000) === tenth).length;
    expect(share).toBeGreaterThan(60);
    expect(share).toBeLessThan(140);
  }
  expect(tickOffset("target", "vm", interval)).not.toBe(tickOffset("target", "other", interval));
});

function hands(clock: FakeClock) {
  return {
    monotonic: () => clock.monotonic(),
    after: (ms: number, callback: () => void) => clock.after(ms, callback),
  };
}
