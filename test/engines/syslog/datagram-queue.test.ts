import { expect, test } from "vitest";
import { DatagramQueue } from "../../../src/engines/syslog/datagram-queue.ts";

const one = Buffer.from("m");

test("what has come since the last time is taken at once, and what is under way counts", async () => {
  const queue = new DatagramQueue(3);
  const taken: number[] = [];
  const { promise: first, resolve: release } = Promise.withResolvers<void>();
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const drained = queue.drain(async (datagrams) => {
    taken.push(datagrams.length);
    start();
    await first;
  });
  expect([queue.add(one, "a"), queue.add(one, "a")]).toEqual([true, true]);
  await started;
  expect([queue.add(one, "a"), queue.add(one, "a")]).toEqual([true, false]);
  release();
  queue.close();
  await drained;
  expect(taken).toEqual([2, 1]);
});

test("a queue that is closed is drained to its end", async () => {
  const queue = new DatagramQueue(3);
  queue.add(one, "a");
  queue.close();
  const taken: string[] = [];
  await queue.drain(async (datagrams) => void taken.push(...datagrams.map(({ from }) => from)));
  expect(taken).toEqual(["a"]);
});
