import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryQueue } from "../../../src/engines/queue/memory-queue.ts";
import type { QueueBounds, QueuedBlock } from "../../../src/engines/queue/queue.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const roomy = { maxBytes: 1000, maxAgeMs: 1000 };
const now = AbortSignal.abort();

function newQueue(bounds: QueueBounds = roomy) {
  const clock = new FakeClock();
  const drops: string[] = [];
  const onDrop = (reader: string, reason: string, { sequence }: QueuedBlock) =>
    drops.push(`${reader} ${reason} ${sequence}`);
  return { queue: new MemoryQueue({ ...bounds, clock, onDrop }), clock, drops };
}

function blockOf(size: number) {
  return { payload: new Uint8Array(size), records: size, minTimestamp: 0, maxTimestamp: 0 };
}

describe("a reader", () => {
  test("gets the same block until it acknowledges it", async () => {
    const { queue } = newQueue();
    const reader = queue.reader("a");
    await queue.append(blockOf(1));
    await queue.append(blockOf(2));
    const first = await reader.peek(now);
    expect(await reader.peek(now)).toBe(first);
    reader.ack(first?.sequence ?? 0);
    expect((await reader.peek(now))?.payload.length).toBe(2);
  });

  test("waits for the next block, or until it is told to stop", async () => {
    const { queue } = newQueue();
    const reader = queue.reader("a");
    const waiting = reader.peek(new AbortController().signal);
    await queue.append(blockOf(1));
    expect((await waiting)?.sequence).toBe(1);
    reader.ack(1);
    const stop = new AbortController();
    const stopped = reader.peek(stop.signal);
    stop.abort();
    expect(await stopped).toBeUndefined();
  });

  test("that is new starts behind the last block, a known one where it stood", async () => {
    const { queue } = newQueue();
    queue.reader("a");
    await queue.append(blockOf(1));
    queue.reader("b");
    await queue.append(blockOf(2));
    expect([(await queue.reader("a").peek(now))?.sequence, (await queue.reader("b").peek(now))?.sequence]).toEqual([
      1, 2,
    ]);
  });

  test("that is gone is waited for no more", async () => {
    const { queue } = newQueue();
    queue.reader("a");
    queue.reader("b");
    await queue.append(blockOf(10));
    const block = await queue.reader("a").peek(now);
    queue.reader("a").ack(block?.sequence ?? 0);
    expect(queue.size).toBe(10);
    queue.keepReaders(new Set(["a"]));
    expect(queue.size).toBe(0);
  });
});

describe("the bounds", () => {
  test("in bytes drop the oldest block, for the readers that have not seen it", async () => {
    const { queue, drops } = newQueue({ maxBytes: 25, maxAgeMs: 1000 });
    const [quick, slow] = [queue.reader("quick"), queue.reader("slow")];
    await queue.append(blockOf(10));
    await queue.append(blockOf(10));
    quick.ack((await quick.peek(now))?.sequence ?? 0);
    await queue.append(blockOf(10));
    expect(drops).toEqual(["slow queue_full 1"]);
    expect((await slow.peek(now))?.sequence).toBe(2);
  });

  test("leave the block that a reader has in its hands", async () => {
    const { queue, drops } = newQueue({ maxBytes: 25, maxAgeMs: 1000 });
    const reader = queue.reader("a");
    await queue.append(blockOf(10));
    const held = await reader.peek(now);
    for (let count = 0; count < 5; count++) await queue.append(blockOf(10));
    expect(await reader.peek(now)).toBe(held);
    expect(drops).toEqual(["a queue_full 2", "a queue_full 3", "a queue_full 4"]);
  });

  test("leave the newest block, however large", async () => {
    const { queue, drops } = newQueue({ maxBytes: 25, maxAgeMs: 1000 });
    const reader = queue.reader("a");
    await queue.append(blockOf(100));
    expect([(await reader.peek(now))?.sequence, drops]).toEqual([1, []]);
  });

  test("in age drop also what was peeked before, when it is asked for again", async () => {
    const { queue, clock, drops } = newQueue();
    const reader = queue.reader("a");
    await queue.append(blockOf(1));
    await reader.peek(now);
    await queue.append(blockOf(1));
    await clock.advance(1001);
    await queue.append(blockOf(1));
    expect((await reader.peek(now))?.sequence).toBe(3);
    expect(drops).toEqual(["a too_old 2", "a too_old 1"]);
  });

  test("hold at once when they are changed", async () => {
    const { queue, drops } = newQueue();
    queue.reader("a");
    await queue.append(blockOf(10));
    await queue.append(blockOf(10));
    queue.setBounds({ maxBytes: 10, maxAgeMs: 1000 });
    expect(drops).toEqual(["a queue_full 1"]);
  });
});

test("the backlog says what waits", async () => {
  const { queue, clock } = newQueue();
  const reader = queue.reader("a");
  expect(reader.backlog()).toEqual({ blocks: 0, bytes: 0, records: 0, oldestMs: 0 });
  await queue.append(blockOf(1));
  await clock.advance(500);
  await queue.append(blockOf(2));
  await reader.peek(now);
  await clock.advance(100);
  expect(reader.backlog()).toEqual({ blocks: 2, bytes: 3, records: 3, oldestMs: 600 });
});

// The model has a list of its own for each reader, where the queue has one log and cursors.

interface ModelBlock {
  readonly sequence: number;
  readonly size: number;
  readonly at: number;
}

class Model {
  readonly drops: string[] = [];
  readonly readers = new Map<string, { list: ModelBlock[]; held: ModelBlock | undefined }>();
  time = 0;
  #appended = 0;
  readonly #bounds: QueueBounds;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get log(): ModelBlock[] {
    const all = [...this.readers.values()].flatMap(({ list }) => list);
    return [...new Set(all)].sort((a, b) => a.sequence - b.sequence);
  }

  get size(): number {
    return this.log.reduce((sum, { size }) => sum + size, 0);
  }

  append(size: number): void {
    const block = { sequence: ++this.#appended, size, at: this.time };
    for (const { list } of this.readers.values()) list.push(block);
    for (let [oldest] = this.log; oldest !== undefined; [oldest] = this.log) {
      if (this.isTooOld(oldest)) this.#drop(oldest, "too_old");
      else if (this.size > this.#bounds.maxBytes && this.log.length > 1) this.#drop(oldest, "queue_full");
      else return;
    }
  }

  peek(name: string): number | undefined {
    const reader = this.readers.get(name)!;
    for (;;) {
      reader.held ??= reader.list.shift();
      if (reader.held === undefined || !this.isTooOld(reader.held)) return reader.held?.sequence;
      this.drops.push(`${name} too_old ${reader.held.sequence}`);
      reader.held = undefined;
    }
  }

  isTooOld({ at }: ModelBlock): boolean {
    return this.time - at > this.#bounds.maxAgeMs;
  }

  #drop(block: ModelBlock, reason: string): void {
    for (const [name, reader] of this.readers) {
      if (!reader.list.includes(block)) continue;
      reader.list = reader.list.filter((other) => other !== block);
      this.drops.push(`${name} ${reason} ${block.sequence}`);
    }
  }
}

const reader = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("append" as const), size: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("peek" as const), reader }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ack" as const), reader }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("open" as const), reader }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), reader }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 60 }) }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

test("whatever is done to it, it gives each reader what a list of its own would give", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const bounds = { maxBytes: 50, maxAgeMs: 100 };
      const model = new Model(bounds);
      const { queue, clock, drops } = newQueue(bounds);
      for (const each of steps) {
        await apply(each, model, queue, clock);
        expect([queue.size, drops]).toEqual([model.size, model.drops]);
      }
    }),
  );
});

async function apply(step: Step, model: Model, queue: MemoryQueue, clock: FakeClock): Promise<void> {
  if (step.do === "append") {
    model.append(step.size);
    await queue.append(blockOf(step.size));
  } else if (step.do === "wait") {
    model.time += step.ms;
    await clock.advance(step.ms);
  } else if (step.do === "open") {
    if (!model.readers.has(step.reader)) model.readers.set(step.reader, { list: [], held: undefined });
    queue.reader(step.reader);
  } else if (step.do === "close") {
    model.readers.delete(step.reader);
    queue.keepReaders(new Set(model.readers.keys()));
  } else if (model.readers.has(step.reader)) {
    const expected = model.readers.get(step.reader)!;
    if (step.do === "peek") {
      expect((await queue.reader(step.reader).peek(now))?.sequence).toBe(model.peek(step.reader));
    } else if (expected.held !== undefined) {
      queue.reader(step.reader).ack(expected.held.sequence);
      expected.held = undefined;
    }
    expect(queue.reader(step.reader).backlog().blocks).toBe(expected.list.length + (expected.held ? 1 : 0));
  }
}
