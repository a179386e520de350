import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { QueueClosedError } from "../../../src/engines/queue/admission.ts";
import type { QueueSettings } from "../../../src/engines/queue/disk-queue.ts";
import type { Disk } from "../../../src/lib/disk.ts";
import { FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { drain, openQueue, take } from "../../support/queue-harness.ts";

const folder = "/queue";
const kibibyte = "x".repeat(1024);

/** A queue in which senders wait, and what was accepted and given back. */
function openWaiting(disk: Disk, settings: Partial<QueueSettings> = {}) {
  const q = openQueue(disk, folder, ["a"], { ...settings, whenFull: "wait" });
  const accepted: string[] = [];
  const refused: unknown[] = [];
  const send = (...texts: string[]) => {
    for (const text of texts) {
      q.append(text).then(
        () => accepted.push(text),
        (error) => refused.push(error),
      );
    }
    return q.clock.advance(0);
  };
  return { ...q, accepted, refused, send };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`.padEnd(1024, "x"));
const first = (texts: readonly string[]) => texts.map((text) => Number.parseInt(text, 10));

describe("a queue that is full", () => {
  test("lets senders wait, and takes them in their order as soon as there is room", async () => {
    const q = openWaiting(new ModelDisk(), { maxBytes: 16_384 });
    for (const text of numbered(1, 20)) await q.send(text);
    const taken = q.accepted.length;
    expect([taken > 8, taken < 16, q.queue.waiting]).toEqual([true, true, 20 - taken]);
    expect(q.queue.size).toBeLessThanOrEqual(16_384);
    const reader = q.queue.reader("a");
    const delivered: string[] = [];
    for (let at = 0; at < 4; at++) delivered.push((await take(reader)) ?? "");
    expect(q.accepted.length).toBe(taken);
    await q.clock.advance(1000);
    expect(q.accepted.length).toBeGreaterThan(taken);
    while (q.accepted.length < 20) {
      delivered.push(...(await drain(reader)));
      await q.clock.advance(1000);
    }
    delivered.push(...(await drain(reader)));
    expect(first(q.accepted)).toEqual(first(numbered(1, 20)));
    expect(first(delivered)).toEqual(first(numbered(1, 20)));
    expect([q.drops, q.queue.waiting]).toEqual([[], 0]);
  });

  test("makes room for those that wait when what it holds grows too old", async () => {
    const q = openWaiting(new ModelDisk(), { maxBytes: 16_384, maxAgeMs: 60_000 });
    for (const text of numbered(1, 20)) await q.send(text);
    const taken = q.accepted.length;
    await q.clock.advance(59_000);
    expect(q.accepted.length).toBe(taken);
    await q.clock.advance(10_000);
    expect(q.accepted.length).toBe(20);
    expect(new Set(q.drops)).toEqual(new Set(["a too_old 4096"]));
  });

  test("takes what is larger than its bounds by itself, as soon as everything else is delivered", async () => {
    const q = openWaiting(new ModelDisk(), { maxBytes: 4096 });
    await q.send("1".repeat(8192), "2".repeat(8192));
    expect(q.accepted.length).toBe(1);
    await take(q.queue.reader("a"));
    await q.clock.advance(1000);
    expect(q.accepted.length).toBe(2);
  });

  test("because it may hold less than before, drops nothing for that", async () => {
    const bounds = { maxAgeMs: 160_000, minFree: 0, sync: "interval", whenFull: "wait" } as const;
    const q = openWaiting(new ModelDisk(), { ...bounds, maxBytes: 2 ** 20 });
    for (const text of numbered(1, 3)) {
      await q.send(text);
      await q.clock.advance(11_000);
    }
    q.queue.configure({ ...bounds, maxBytes: 2000 });
    await q.send("4");
    await q.clock.advance(5000);
    expect([q.accepted.length, q.queue.waiting, q.drops]).toEqual([3, 1, []]);
    expect(first(await drain(q.queue.reader("a")))).toEqual([1, 2, 3]);
    await q.clock.advance(1000);
    expect(q.accepted.at(-1)).toBe("4");
  });

  test("stays so over a restart", async () => {
    const disk = new ModelDisk();
    const before = openWaiting(disk, { maxBytes: 16_384 });
    await before.send(...numbered(1, 20));
    const q = openWaiting(disk.afterKill(), { maxBytes: 16_384 });
    await q.send("more");
    expect([q.accepted, q.queue.waiting]).toEqual([[], 1]);
    expect(first(await drain(q.queue.reader("a")))).toEqual(first(before.accepted));
    await q.clock.advance(1000);
    expect(q.accepted).toEqual(["more"]);
  });

  test("leaves others their part of the disk", async () => {
    const disk = new ModelDisk();
    const q = openWaiting(disk, { maxBytes: 2 ** 20, maxAgeMs: 16_000, minFree: 1000 });
    for (const text of ["one", "two", "three"]) {
      await q.send(text);
      await q.clock.advance(1500);
    }
    disk.space = () => Promise.resolve({ free: 10, total: 10_000 });
    await q.clock.advance(5000);
    await q.send("four");
    await q.send("five");
    await q.clock.advance(1000);
    expect(q.accepted).toEqual(["one", "two", "three", "four"]);
    disk.space = () => Promise.resolve({ free: 5000, total: 10_000 });
    await q.clock.advance(5000);
    expect(q.accepted).toEqual(["one", "two", "three", "four", "five"]);
    expect(q.drops).toEqual([]);
  });
});

describe("while the disk cannot be written", () => {
  for (const code of ["ENOSPC", "EROFS", "hang"]) {
    test(`for ${code}, nothing is accepted before it is delivered or on disk`, async () => {
      const disk = new FaultyDisk(new ModelDisk());
      const q = openWaiting(disk);
      await q.send("one");
      const answer = Promise.withResolvers<string>();
      const fault = code === "hang" ? answer.promise : code;
      disk.fault = (call) => (["write", "create", "sync"].includes(call) ? fault : undefined);
      await q.send("two", "three");
      await q.clock.advance(40_000);
      expect(q.accepted).toEqual(["one"]);
      expect(q.troubles.length).toBe(1);
      const reader = q.queue.reader("a");
      expect([await take(reader), await take(reader)]).toEqual(["one", "two"]);
      await q.clock.advance(5000);
      expect(q.accepted).toEqual(["one", "two"]);
      disk.fault = () => undefined;
      answer.resolve("EIO");
      await q.clock.advance(10_000);
      expect(q.accepted).toEqual(["one", "two", "three"]);
      expect([q.troubles.at(-1), await drain(reader), q.drops]).toEqual([undefined, ["three"], []]);
    });
  }

  test("memory is bounded: the rest waits", async () => {
    const disk = new FaultyDisk(new ModelDisk());
    const q = openWaiting(disk, { maxBytes: 2 ** 30 });
    await q.send("one");
    disk.fault = (call) => (call === "write" ? "EIO" : undefined);
    await q.send(...Array.from({ length: 20 }, () => "x".repeat(2 ** 20)));
    expect([q.queue.waiting, q.accepted.length, q.drops]).toEqual([5, 1, []]);
    disk.fault = () => undefined;
    await q.clock.advance(5000);
    expect([q.queue.waiting, q.accepted.length]).toEqual([0, 21]);
  });

  test("a full disk gets what every reader is done with, and nothing else", async () => {
    const disk = new FaultyDisk(new ModelDisk());
    const q = openWaiting(disk, { maxAgeMs: 160_000 });
    for (const text of ["one", "two", "three"]) {
      await q.send(text.padEnd(100, "."));
      await q.clock.advance(11_000);
    }
    await take(q.queue.reader("a"));
    let failures = 1;
    disk.fault = (call, path) => (call === "write" && path.endsWith(".seg") && failures-- > 0 ? "ENOSPC" : undefined);
    await q.send("four");
    expect([q.accepted.length, q.queue.segments, q.drops, q.troubles]).toEqual([4, 3, [], []]);
    failures = 3;
    await q.send("five");
    await q.clock.advance(11_000);
    expect([q.accepted.length, q.drops]).toEqual([5, []]);
  });
});

test("what it has not accepted is given back when it is closed, and nothing is taken any more", async () => {
  const model = new ModelDisk();
  const disk = new FaultyDisk(model);
  const q = openWaiting(disk);
  await q.send("one");
  disk.fault = (call) => (call === "write" ? "EIO" : undefined);
  await q.send("two", kibibyte.repeat(20_000), "three");
  const closing = q.queue.close(1000);
  await q.clock.advance(1000);
  await closing;
  await q.send("four");
  expect(q.accepted).toEqual(["one"]);
  expect(q.refused).toEqual(Array(4).fill(expect.any(QueueClosedError)));
  expect([q.drops, q.clock.pending]).toEqual([[], 0]);
  const after = openQueue(model.afterKill(), folder, ["a"]);
  await after.append("five");
  expect(await drain(after.queue.reader("a"))).toEqual(["one", "five"]);
});

type Step = "send" | "take" | "wait" | "long wait" | "fail" | "hang" | "heal" | "kill" | "close";

test("whatever the disk does, what was accepted was delivered or comes out, in order, and nothing is dropped", async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<Step>("send", "take", "wait") },
    { weight: 2, arbitrary: fc.constantFrom<Step>("fail", "hang", "heal", "long wait") },
    { weight: 1, arbitrary: fc.constantFrom<Step>("kill", "close") },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      let model = new ModelDisk();
      let disk = new FaultyDisk(model);
      let q = openWaiting(disk, { maxBytes: 16_384 });
      const accepted: string[][] = [q.accepted];
      const delivered: string[] = [];
      let sent = 0;
      const reopen = () => {
        disk = new FaultyDisk(model);
        q = openWaiting(disk, { maxBytes: 16_384 });
        accepted.push(q.accepted);
      };
      const does: Record<Step, () => Promise<unknown>> = {
        send: () => {
          sent += 3;
          return q.send(...numbered(sent - 2, sent));
        },
        take: async () => {
          const text = await take(q.queue.reader("a"));
          if (text !== undefined) delivered.push(text);
          await q.clock.advance(0);
        },
        wait: () => q.clock.advance(1000),
        "long wait": () => q.clock.advance(40_000),
        fail: async () => {
          disk.fault = (call) => (["write", "create", "sync"].includes(call) ? "ENOSPC" : undefined);
        },
        hang: async () => {
          disk.fault = (call) => (call === "write" ? "hang" : undefined);
        },
        heal: async () => {
          disk.fault = () => undefined;
        },
        kill: async () => {
          model = model.afterKill();
          reopen();
        },
        close: async () => {
          const closing = q.queue.close(1000);
          await q.clock.advance(1000);
          await closing;
          // A hanging disk keeps the lock of this process; a new process has a new one.
          model = model.afterKill();
          reopen();
        },
      };
      for (const each of steps) await does[each]();
      const last = openWaiting(model.afterKill(), { maxBytes: 16_384 });
      await last.send("0");
      const rest = (await drain(last.queue.reader("a"))).filter((text) => text !== "0");
      const came = new Set([...delivered, ...rest]);
      expect(first(accepted.flat().filter((text) => !came.has(text)))).toEqual([]);
      expect(first(rest)).toEqual(first(rest).toSorted((a, b) => a - b));
      expect([...q.drops, ...last.drops]).toEqual([]);
    }),
    {
      numRuns: 300,
      // Taken in while the queue closes.
      examples: [[[...Array<Step>(5).fill("send"), "take", "take", "take", "send", "take", "close"]]],
    },
  );
}, 60_000);
