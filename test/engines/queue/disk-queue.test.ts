import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { QueueSettings } from "../../../src/engines/queue/disk-queue.ts";
import { realDisk } from "../../../src/lib/disk-real.ts";
import { drain, now, openQueue, take } from "../../support/queue-harness.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

function open(folder: string, names: string[], settings: Partial<QueueSettings> = {}) {
  return openQueue(realDisk, folder, names, settings);
}

function segments(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".seg"));
}

describe("a reader", () => {
  test("gets the same block until it acknowledges it, and waits for the next one", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a"]);
    const reader = q.queue.reader("a");
    const waiting = reader.peek(new AbortController().signal);
    await q.append("one", "two");
    const first = await waiting;
    expect(await reader.peek(now)).toBe(first);
    expect(await drain(reader)).toEqual(["one", "two"]);
    const stop = new AbortController();
    const stopped = reader.peek(stop.signal);
    stop.abort();
    expect(await stopped).toBeUndefined();
  });

  test("goes on after a restart with what it has not acknowledged; a new one begins behind it", async () => {
    using dir = tempDir();
    {
      await using q = open(dir.path, ["a"]);
      await q.append("one", "two", "three");
      await take(q.queue.reader("a"));
      await q.queue.reader("a").peek(now);
    }
    await using q = open(dir.path, ["a", "b"]);
    await q.append("four");
    expect(q.queue.reader("a").backlog()).toMatchObject({ blocks: 3, records: 3 + 5 + 4 });
    expect(await drain(q.queue.reader("a"))).toEqual(["two", "three", "four"]);
    expect(await drain(q.queue.reader("b"))).toEqual(["four"]);
    expect(q.drops).toEqual([]);
  });

  test("that lags reads from the disk, in order, across segments", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a", "b"], { maxBytes: 64 * 2 ** 20 });
    const texts = Array.from({ length: 40 }, (_, at) => String(at).padEnd(500_000, "x"));
    for (const text of texts) {
      await q.append(text);
      await q.clock.advance(1000);
      expect(await take(q.queue.reader("a"))).toBe(text);
    }
    expect(segments(dir.path).length).toBeGreaterThan(1);
    expect((await drain(q.queue.reader("b"))).map((text) => Number.parseInt(text, 10))).toEqual(
      texts.map((_, at) => at),
    );
  });

  test("that is gone leaves nothing behind", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a", "b"], { maxBytes: 32 * 1024 });
    for (let at = 0; at < 5; at++) await q.append("x".repeat(4000));
    await drain(q.queue.reader("a"));
    q.queue.keepReaders(new Set(["a"]));
    await q.clock.advance(1000);
    await turnsUntil(() => segments(dir.path).length === 1);
    expect(readdirSync(dir.path).filter((name) => name.startsWith("cursor."))).toEqual(["cursor.a"]);
  });
});

describe("the bounds", () => {
  test("in bytes drop the oldest segments, counted for those who had not read them", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["quick", "slow"], { maxBytes: 32 * 1024 });
    for (let at = 0; at < 20; at++) {
      await q.append(String(at).padEnd(4000, "x"));
      await take(q.queue.reader("quick"));
    }
    await q.clock.advance(1000);
    const got = (await drain(q.queue.reader("slow"))).length;
    const lost = q.drops.map((drop) => Number(drop.replace("slow queue_full ", ""))).reduce((a, b) => a + b, 0);
    expect([got * 4000 + lost, got < 9, got > 4]).toEqual([20 * 4000, true, true]);
    expect(q.queue.size).toBeLessThan(40 * 1024);
  });

  test("in age drop what has waited too long, also over a restart; a jump of the wall clock does not", async () => {
    using dir = tempDir();
    {
      await using q = open(dir.path, ["a"]);
      await q.append("old");
      await q.clock.advance(3_599_000);
      q.clock.setWall(10 * 86_400_000);
      await q.append("young");
      expect((await q.queue.reader("a").peek(now))?.records).toBe(3);
      await q.clock.advance(2000);
      expect(await take(q.queue.reader("a"))).toBe("young");
      expect(q.drops).toEqual(["a too_old 3"]);
      await q.append("last");
    }
    await using q = open(dir.path, ["a"]);
    await q.append("first");
    await q.clock.advance(7_300_000);
    await q.append("new");
    expect(await take(q.queue.reader("a"))).toBe("new");
    expect(q.drops).toEqual(["a too_old 4", "a too_old 5"]);
  });

  test("in free disk leave two segments", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a"], { maxBytes: 64 * 1024, minFree: 2 ** 60 });
    for (let at = 0; at < 10; at++) {
      await q.append("x".repeat(8000));
      await q.clock.advance(5000);
    }
    expect(segments(dir.path).length).toBe(2);
  });
});

test("an idle queue has no timer, and leaves no file open when it is closed", async () => {
  using dir = tempDir();
  const q = open(dir.path, ["a"]);
  await q.append("one");
  await take(q.queue.reader("a"));
  for (let seconds = 0; q.clock.pending > 0 && seconds < 100; seconds++) await q.clock.advance(1000);
  expect(q.clock.pending).toBe(0);
  await q.queue.close(1000);
  expect([q.clock.pending, readdirSync(dir.path).sort()]).toEqual([
    0,
    ["0000000000000001-00.seg", "FORMAT", "cursor.a"],
  ]);
});

test("each process writes a segment of its own", async () => {
  using dir = tempDir();
  for (const text of ["one", "two"]) {
    await using q = open(dir.path, ["a"]);
    await q.append(text);
  }
  expect(segments(dir.path)).toEqual(["0000000000000001-00.seg", "0000000000000002-00.seg"]);
  expect(statSync(dir.path).mode & 0o777).toBe(0o700);
});

describe("trouble", () => {
  test("two queues in one folder: the second works in memory until the first lets go", async () => {
    using dir = tempDir();
    const first = open(dir.path, ["a"]);
    await first.append("one");
    expect(readFileSync(join(dir.path, "pid"), "utf8")).toBe(`${process.pid}\n`);
    await using second = open(dir.path, ["a"]);
    await second.append("two");
    expect(second.troubles).toEqual([`cannot write the queue in ${dir.path}: another process uses it`]);
    expect(second.queue.reader("a").backlog().blocks).toBe(1);
    await first.queue.close(1000);
    await second.clock.advance(5000);
    await turnsUntil(() => second.troubles.length === 2);
    expect(second.troubles[1]).toBeUndefined();
    expect(await drain(second.queue.reader("a"))).toEqual(["one", "two"]);
  });

  test("a folder that is deleted is made again, with what memory holds", async () => {
    using dir = tempDir();
    const folder = join(dir.path, "queue");
    {
      await using q = open(folder, ["a"]);
      await q.append("one");
      rmSync(folder, { recursive: true });
      await q.append("two");
      await q.clock.advance(1000);
      await turnsUntil(() => q.queue.segments === 1);
    }
    await using q = open(folder, ["a"]);
    await q.append("three");
    expect(await drain(q.queue.reader("a"))).toEqual(["one", "two", "three"]);
  });

  test("a folder that is deleted before anything was written is made again, too", async () => {
    using dir = tempDir();
    const folder = join(dir.path, "queue");
    await using q = open(folder, ["a"]);
    await turnsUntil(() => q.queue.isOpen);
    rmSync(folder, { recursive: true });
    await q.append("one");
    await q.clock.advance(5000);
    await turnsUntil(() => q.troubles.at(-1) === undefined);
    expect([await drain(q.queue.reader("a")), q.queue.segments]).toEqual([["one"], 1]);
  });
});

describe("the memory of a block", () => {
  test("serves the next one when every reader is done with it, and not before", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a", "b"], { sync: "os" });
    const payload = q.queue.allocate(1000);
    await q.queue.append({ payload, records: 1, minTimestamp: 1, maxTimestamp: 1 });
    await take(q.queue.reader("a"));
    await q.append("next");
    await q.append("and the one after it");
    expect(q.queue.allocate(1000).buffer).not.toBe(payload.buffer);
    await take(q.queue.reader("b"));
    await q.append("next");
    await q.append("and the one after it");
    expect(q.queue.allocate(1000).buffer).toBe(payload.buffer);
  });

  test("is left alone when its reader goes while it has the block in its hands", async () => {
    using dir = tempDir();
    await using q = open(dir.path, ["a", "b"], { sync: "os" });
    const payload = q.queue.allocate(1000);
    await q.queue.append({ payload, records: 1, minTimestamp: 1, maxTimestamp: 1 });
    await q.queue.reader("b").peek(now);
    await take(q.queue.reader("a"));
    q.queue.keepReaders(new Set(["a"]));
    await q.append("next");
    await q.append("and the one after it");
    expect(q.queue.allocate(1000).buffer).not.toBe(payload.buffer);
  });
});
