import { expect, test } from "vitest";
import { BufferPool } from "../../src/lib/buffer-pool.ts";

const kib = 1024;

test("what was given back is lent again, to whoever needs about as much", () => {
  const pool = new BufferPool(64 * kib);
  const first = pool.take(10 * kib);
  pool.give(first);
  expect(pool.take(40 * kib).buffer).not.toBe(first.buffer);
  expect(pool.take(9 * kib).buffer).toBe(first.buffer);
  expect(pool.take(9 * kib).buffer).not.toBe(first.buffer);
});

test("has the length that was asked for", () => {
  expect(new BufferPool(0).take(1234)).toHaveLength(1234);
});

test("a small request does not take large memory away", () => {
  const pool = new BufferPool(256 * kib);
  const large = pool.take(200 * kib);
  pool.give(large);
  expect(pool.take(1 * kib).buffer).not.toBe(large.buffer);
});

test("keeps no more than it may, and of that what came last", () => {
  const pool = new BufferPool(32 * kib);
  const [first, second, third] = [pool.take(16 * kib), pool.take(16 * kib), pool.take(16 * kib)];
  for (const each of [first, second, third]) pool.give(each);
  const again = [pool.take(16 * kib), pool.take(16 * kib), pool.take(16 * kib)].map(({ buffer }) => buffer);
  expect(again).not.toContain(first.buffer);
  expect(again).toContain(second.buffer);
  expect(again).toContain(third.buffer);
});

test("what is not its own, was given back twice, or was disowned is passed over", () => {
  const pool = new BufferPool(64 * kib);
  const [foreign, own, kept] = [new Uint8Array(16 * kib), pool.take(16 * kib), pool.take(16 * kib)];
  pool.give(foreign);
  pool.disown(kept);
  pool.give(kept);
  pool.give(own);
  pool.give(own);
  expect(pool.take(16 * kib).buffer).toBe(own.buffer);
  const next = pool.take(16 * kib).buffer;
  for (const each of [foreign, own, kept]) expect(next).not.toBe(each.buffer);
});
