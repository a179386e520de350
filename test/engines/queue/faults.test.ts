import { describe, expect, test } from "vitest";
import { type DiskCall, type Fault, FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { drain, openQueue, take } from "../../support/queue-harness.ts";

const folder = "/queue";

function faulty() {
  const model = new ModelDisk();
  return { model, disk: new FaultyDisk(model) };
}

/** Everything fails that changes a file. */
function failWith(disk: FaultyDisk, code: Fault, calls: readonly DiskCall[] = ["write", "create", "sync"]): void {
  disk.fault = (call) => (calls.includes(call) ? code : undefined);
}

describe("while the disk cannot be written", () => {
  for (const code of ["ENOSPC", "EROFS", "EACCES", "EIO", "EDQUOT"]) {
    test(`for ${code}, blocks are accepted into memory, and go to the disk when it is over`, async () => {
      const { model, disk } = faulty();
      const q = openQueue(disk, folder, ["a"]);
      await q.append("one");
      failWith(disk, code);
      await q.append("two", "three");
      expect(q.troubles.length).toBe(1);
      expect(q.troubles[0]).toContain(`cannot write the queue in /queue: ${code}`);
      await q.append("four");
      await q.clock.advance(20_000);
      expect(q.troubles.length).toBe(1);
      disk.fault = () => undefined;
      await q.clock.advance(5000);
      expect(q.troubles.at(-1)).toBeUndefined();
      const after = openQueue(model.afterKill(), folder, ["a"]);
      await after.append("five");
      expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three", "four", "five"]);
      expect([...q.drops, ...after.drops]).toEqual([]);
    });
  }

  test("from the start, readers get what comes meanwhile, and what was there before when it can be read", async () => {
    const { model, disk } = faulty();
    const before = openQueue(model, folder, ["a"]);
    await before.append("old");
    await before.queue.close(1000);
    failWith(disk, "EACCES", ["open", "create", "write", "lock"]);
    const q = openQueue(disk, folder, ["a"]);
    await q.append("one", "two");
    expect(await drain(q.queue.reader("a"))).toEqual(["one", "two"]);
    await q.append("three");
    disk.fault = () => undefined;
    await q.clock.advance(5000);
    expect(await drain(q.queue.reader("a"))).toEqual(["old", "three"]);
  });

  test("memory is bounded, and what it pushes out is counted", async () => {
    const { disk } = faulty();
    const q = openQueue(disk, folder, ["a"]);
    await q.append("one");
    failWith(disk, "EIO");
    for (let at = 0; at < 24; at++) await q.append("x".repeat(2 ** 20));
    expect(q.queue.size).toBeLessThanOrEqual(17 * 2 ** 20);
    expect(q.drops).toEqual(Array(8).fill(`a disk_unavailable ${2 ** 20}`));
    expect((await drain(q.queue.reader("a"))).length).toBe(17);
  });

  test("a disk that hangs holds up nobody", async () => {
    const { disk } = faulty();
    const q = openQueue(disk, folder, ["a"]);
    await q.append("one");
    failWith(disk, "hang");
    const waiting = q.append("two");
    expect(await drain(q.queue.reader("a"))).toEqual(["one", "two"]);
    await q.clock.advance(30_000);
    await waiting;
    expect(q.troubles).toEqual(["cannot write the queue in /queue: it does not answer"]);
    const closing = q.queue.close(1000);
    await q.clock.advance(1000);
    await closing;
  });
});

test("a disk that hangs for long, and then fails, is tried again", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"]);
  await q.append("one");
  const answer = Promise.withResolvers<string>();
  disk.fault = (call) => (call === "write" ? answer.promise : undefined);
  const waiting = q.append("two");
  await q.clock.advance(30_000);
  await waiting;
  disk.fault = () => undefined;
  answer.resolve("EIO");
  await q.clock.advance(5000);
  expect(q.troubles.at(-1)).toBeUndefined();
  const after = openQueue(model.afterKill(), folder, ["a"]);
  await after.append("three");
  expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three"]);
});

test("a full disk costs the oldest segments first", async () => {
  const { disk } = faulty();
  const q = openQueue(disk, folder, ["a"], { maxAgeMs: 160_000 });
  for (let at = 0; at < 4; at++) {
    await q.append(`${at}`.padEnd(100, "x"));
    await q.clock.advance(11_000);
  }
  // Each time a new segment fails first, and then what goes into the old one instead.
  let failures = 4;
  disk.fault = (call, path) => (call === "write" && path.endsWith(".seg") && failures-- > 0 ? "ENOSPC" : undefined);
  await q.append("last");
  expect(q.troubles).toEqual([]);
  expect(q.drops).toEqual(["a queue_full 100", "a queue_full 100"]);
  expect((await drain(q.queue.reader("a"))).map((text) => text[0])).toEqual(["2", "3", "l"]);
});

test("a short write is cut off before anything is written behind it", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"]);
  await q.append("one");
  let writes = 0;
  disk.fault = (call) => (call === "write" ? [undefined, "short", "EIO"][++writes % 3] : undefined);
  await q.append("two", "three");
  await q.clock.advance(60_000);
  disk.fault = () => undefined;
  await q.clock.advance(5000);
  const after = openQueue(model.afterKill(), folder, ["a"]);
  await after.append("four");
  expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three", "four"]);
  expect(after.damaged).toEqual([]);
});

test("what could not be synced is written again, into another segment, and comes out once", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"]);
  await q.append("one");
  await q.clock.advance(1000);
  await q.append("two", "three");
  let failures = 1;
  disk.fault = (call, path) => (call === "sync" && path.endsWith(".seg") && failures-- > 0 ? "EIO" : undefined);
  await q.clock.advance(3000);
  expect(q.troubles).toEqual([]);
  const after = openQueue(
    model.afterPowerCut(() => 0.99),
    folder,
    ["a"],
  );
  await after.append("four");
  expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three", "four"]);
  expect(after.drops).toEqual([]);
});

test("what a segment held unsynced when a write to it failed is written again before it counts as durable", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"]);
  await q.append("zero");
  await q.clock.advance(1000);
  await q.append("one");
  let failures = 1;
  disk.fault = (call, path) => (call === "write" && path.endsWith(".seg") && failures-- > 0 ? "EIO" : undefined);
  await q.append("two");
  await q.clock.advance(1000);
  expect([q.troubles, q.queue.segments]).toEqual([[], 2]);
  // Whatever was not synced is gone.
  const after = openQueue(
    model.afterPowerCut(() => 0.99),
    folder,
    ["a"],
  );
  await after.append("three");
  expect(await drain(after.queue.reader("a"))).toEqual(["zero", "one", "two", "three"]);
  expect(after.drops).toEqual([]);
});

describe("a disk that fails for long is not filled with what is tried again", () => {
  const isSegment = (path: string) => path.endsWith(".seg");

  async function expectFew(fault: FaultyDisk["fault"]): Promise<void> {
    const { model, disk } = faulty();
    const q = openQueue(disk, folder, ["a"]);
    await q.append("one");
    await q.clock.advance(1000);
    disk.fault = fault;
    await q.append("two", "three");
    await q.clock.advance(1_000_000);
    expect(q.troubles.length).toBe(1);
    expect([...model.files().keys()].filter(isSegment).length).toBeLessThanOrEqual(3);
    disk.fault = () => undefined;
    await q.clock.advance(5000);
    expect(q.troubles.at(-1)).toBeUndefined();
    const after = openQueue(model.afterKill(), folder, ["a"]);
    await after.append("four");
    expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three", "four"]);
    expect(after.drops).toEqual([]);
  }

  test("where names cannot be synced", async () => {
    await expectFew((call, path) => {
      return call === "syncFolder" || (call === "sync" && isSegment(path)) ? "EIO" : undefined;
    });
  });

  test("where new files take a header and nothing else", async () => {
    let writes = 1;
    await expectFew((call, path) => {
      if (call === "create") writes = 0;
      return call === "write" && isSegment(path) && ++writes !== 1 ? "EIO" : undefined;
    });
  });
});

test("while writing again fails, the segment that could not be synced still counts", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"]);
  await q.append("one", "two");
  for (const call of ["create", "write", "sync", "rename"] as const) {
    disk.fault = (each, path) => {
      const isSegmentSync = each === "sync" && path.endsWith(".seg");
      return isSegmentSync || (each === call && path.startsWith(`${folder}/`)) ? "EIO" : undefined;
    };
    await q.clock.advance(6000);
    expect(q.troubles.at(-1)).toContain("EIO");
    const after = openQueue(model.afterKill(), folder, ["a"]);
    await after.append("three");
    expect([call, await drain(after.queue.reader("a"))]).toEqual([call, ["one", "two", "three"]]);
  }
  disk.fault = () => undefined;
  await q.clock.advance(6000);
  expect(q.troubles.at(-1)).toBeUndefined();
  expect([await drain(q.queue.reader("a")), q.drops]).toEqual([["one", "two"], []]);
});

test("with `always` nothing is accepted before it was synced, however often that fails", async () => {
  const { model, disk } = faulty();
  const q = openQueue(disk, folder, ["a"], { sync: "always", whenFull: "wait" });
  await q.append("one");
  await q.clock.advance(0);
  failWith(disk, "EIO", ["sync"]);
  let isAccepted = false;
  const waiting = q.append("two").then(() => {
    isAccepted = true;
  });
  await q.clock.advance(20_000);
  expect([q.troubles.length, isAccepted]).toEqual([1, false]);
  disk.fault = () => undefined;
  await q.clock.advance(5000);
  await waiting;
  const after = openQueue(
    model.afterPowerCut(() => 0.99),
    folder,
    ["a"],
  );
  await after.append("three");
  expect(await drain(after.queue.reader("a"))).toEqual(["one", "two", "three"]);
});

describe("what a killed process has left", () => {
  /** A sync has failed, and nothing was written again: only the kernel's memory has it. */
  async function left() {
    const { model, disk } = faulty();
    const q = openQueue(disk, folder, ["a"]);
    await q.append("one", "two");
    failWith(disk, "EIO");
    await q.clock.advance(1000);
    disk.fault = () => "hang";
    return { model, disk: new FaultyDisk(model) };
  }

  async function afterPowerCut(model: ModelDisk): Promise<string[]> {
    const q = openQueue(
      model.afterPowerCut(() => 0.99),
      folder,
      ["a"],
    );
    await q.append("after");
    return drain(q.queue.reader("a"));
  }

  test("is durable a second after the start", async () => {
    const { model, disk } = await left();
    const q = openQueue(disk, folder, ["a"]);
    await q.clock.advance(1000);
    expect(await afterPowerCut(model)).toEqual(["one", "two", "after"]);
    expect(await drain(q.queue.reader("a"))).toEqual(["one", "two"]);
  });

  test("is synced where it lies when a full disk has no room for a copy, and copied when it has", async () => {
    const { model, disk } = await left();
    let isFull = true;
    let syncs = 0;
    disk.fault = (call, path) => {
      if (call === "sync" && path.endsWith(".seg")) syncs++;
      return isFull && path.endsWith(".new") && call === "write" ? "ENOSPC" : undefined;
    };
    const q = openQueue(disk, folder, ["a"]);
    await q.clock.advance(1000);
    expect([q.troubles, q.drops, syncs]).toEqual([[], [], 1]);
    isFull = false;
    const next = openQueue(new FaultyDisk(model), folder, ["a"]);
    await next.clock.advance(1000);
    expect(await afterPowerCut(model)).toEqual(["one", "two", "after"]);
  });

  test("is not synced once more after that has failed: there must be room for a copy", async () => {
    const { model, disk } = await left();
    let isFull = true;
    disk.fault = (call, path) => {
      if (call === "sync" && path.endsWith(".seg")) return isFull ? "EIO" : undefined;
      return isFull && path.endsWith(".new") && call === "write" ? "ENOSPC" : undefined;
    };
    const q = openQueue(disk, folder, ["a"]);
    await q.clock.advance(20_000);
    expect(q.troubles.at(-1)).toContain("ENOSPC");
    isFull = false;
    await q.clock.advance(5000);
    expect(q.troubles.at(-1)).toBeUndefined();
    expect(await afterPowerCut(model)).toEqual(["one", "two", "after"]);
  });

  test("stays as it is where it cannot be read, and the queue goes on", async () => {
    const { disk } = await left();
    let isUnreadable = false;
    disk.fault = (call, path) => (isUnreadable && call === "read" && path.endsWith(".seg") ? "EIO" : undefined);
    const q = openQueue(disk, folder, ["a"]);
    await q.clock.advance(0);
    isUnreadable = true;
    await q.append("three");
    isUnreadable = false;
    expect([q.troubles, await drain(q.queue.reader("a"))]).toEqual([[], ["one", "two", "three"]]);
  });
});

test("without a free inode the open segment goes on", async () => {
  const { disk } = faulty();
  const q = openQueue(disk, folder, ["a"], { maxAgeMs: 160_000 });
  await q.append("one");
  disk.fault = (call) => (call === "create" ? "ENOSPC" : undefined);
  await q.clock.advance(11_000);
  await q.append("two");
  expect([q.troubles, q.queue.segments]).toEqual([[], 1]);
});

test("a reader waits while the disk cannot be read, and skips nothing but what is gone for good", async () => {
  const { model, disk } = faulty();
  const before = openQueue(model, folder, ["a"]);
  await before.append("one", "two");
  await before.queue.close(1000);
  const q = openQueue(disk, folder, ["a"]);
  await q.append("three");
  const segment = `${folder}/0000000000000001-00.seg`;
  disk.fault = (call, path) => (call === "open" && path === segment ? "EACCES" : undefined);
  const stop = new AbortController();
  const waiting = q.queue.reader("a").peek(stop.signal);
  await q.clock.advance(60_000);
  expect([q.drops, q.readFailures.length > 5]).toEqual([[], true]);
  disk.fault = () => undefined;
  await q.clock.advance(5000);
  expect((await waiting)?.payload).toEqual(Buffer.from("one"));
  await take(q.queue.reader("a"));
  await model.unlink(segment);
  disk.fault = (call, path) => (call === "read" && path === segment ? "ENOENT" : undefined);
  expect(await drain(q.queue.reader("a"))).toEqual(["two", "three"]);
});
