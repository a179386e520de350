import { expect, test } from "vitest";
import { processHeap, tidyHeap } from "../../src/lib/tidy-heap.ts";
import { FakeClock } from "../support/fake-clock.ts";

const minute = 60_000;

test("garbage is collected twice in the first minute and every quarter of an hour then, until it is ended", async () => {
  const { clock, collections, end } = started(20);
  await clock.advance(minute / 6 - 1);
  expect(collections).toEqual([]);
  await clock.advance(1 + 31 * minute);
  expect(collections).toEqual([1 / 6, 1, 16, 31]);
  end();
  await clock.advance(60 * minute);
  expect(collections).toHaveLength(4);
  expect(clock.pending).toBe(0);
});

test("a large heap is left to V8, which collects it anyhow", async () => {
  const { clock, collections } = started(65);
  await clock.advance(60 * minute);
  expect(collections).toEqual([]);
});

test("the heap of this process is collected without being told so at its start", () => {
  const heap = processHeap();
  const withGarbage = heapWith(1_000_000, heap.used);
  heap.collect();
  expect(heap.used()).toBeLessThan(withGarbage - 4_000_000);
});

/** `collections`: the minutes at which there was one. */
function started(usedMiB: number) {
  const clock = new FakeClock();
  const collections: number[] = [];
  const collect = () => void collections.push(clock.monotonic() / minute);
  const end = tidyHeap(clock, { collect, used: () => usedMiB * 1024 * 1024 });
  return { clock, collections, end };
}

/** Bytes in use while so many numbers are held, which are garbage when this returns. */
function heapWith(numbers: number, used: () => number): number {
  const held = Array.from({ length: numbers }, (_, at) => at + 0.5);
  const bytes = used();
  return held.length === numbers ? bytes : Number.NaN;
}
