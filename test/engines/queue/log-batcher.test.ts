import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogBatcher, type LogBatchingOptions } from "../../../src/engines/queue/log-batcher.ts";
import type { Block, Queue } from "../../../src/engines/queue/queue.ts";
import { readLogBlock, readRequest } from "../../../src/formats/loki-push/log-block.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { asUtf8, logRows } from "../../support/log-rows.ts";

interface Options {
  readonly external?: Record<string, string>;
  readonly limits?: Partial<LogBatchingOptions["limits"]>;
  readonly append?: (block: Block) => Promise<void>;
}

function batching({ external = {}, limits }: Options): LogBatchingOptions {
  return { externalLabels: labelsFrom(external), limits: { maxBytes: 100, waitMs: 1000, maxStreams: 0, ...limits } };
}

function newBatcher(options: Options = {}) {
  const blocks: Block[] = [];
  const drops: string[] = [];
  const queue = {
    allocate: (length) => new Uint8Array(length),
    append(block: Block) {
      blocks.push(block);
      return options.append?.(block) ?? Promise.resolve();
    },
  } as Queue;
  const clock = new FakeClock();
  const onDrop = (reason: string, entries: number) => drops.push(`${reason} ${entries}`);
  return { batcher: new LogBatcher({ ...batching(options), queue, clock, onDrop }), clock, blocks, drops };
}

/** `tenant {labels} line line`, a text for each stream of the block. */
function shown({ payload }: Block): string[] {
  const { tenant, request } = readLogBlock(payload);
  return readRequest(request).map(({ stream, lines }) => [tenant, formatLabels(stream), ...lines].join(" ").trim());
}

describe("a request is appended", () => {
  test("when its first entry has waited", async () => {
    const { batcher, clock, blocks } = newBatcher();
    const received = [batcher.receive(logRows({ app: "a" }, "1"))];
    await clock.advance(999);
    received.push(batcher.receive(logRows({ app: "b" }, "2")), batcher.receive(logRows({ app: "a" }, "3")));
    expect([blocks, batcher.pending]).toEqual([[], 3]);
    await clock.advance(1);
    await Promise.all(received);
    expect(blocks.map(shown)).toEqual([['{app="a"} 1 3', '{app="b"} 2']]);
    expect([clock.pending, batcher.pending]).toEqual([0, 0]);
  });

  test("before an entry makes it too large; one that is too large by itself goes alone", async () => {
    const { batcher, blocks } = newBatcher();
    const [long, huge] = ["x".repeat(60), "y".repeat(200)];
    const received = batcher.receive(logRows({ app: "a" }, long, "1", long, huge, "2"));
    void batcher.flush();
    await received;
    expect(blocks.map(shown)).toEqual([
      [`{app="a"} ${long} 1`],
      [`{app="a"} ${long}`],
      [`{app="a"} ${huge}`],
      ['{app="a"} 2'],
    ]);
  });

  test("by the bytes of UTF-8 and of structured metadata", async () => {
    const { batcher, blocks } = newBatcher({ limits: { maxBytes: 10 } });
    void batcher.receive(logRows({ app: "a" }, [1n, "ü", { key: "value" }], "12"));
    expect(blocks.length).toBe(1);
  });

  test("when it has all the streams that it may have", async () => {
    const { batcher, blocks } = newBatcher({ limits: { maxStreams: 2 } });
    for (const app of ["a", "b", "a", "c", "c"]) void batcher.receive(logRows({ app }, app));
    void batcher.flush();
    expect(blocks.map(shown)).toEqual([['{app="a"} a a', '{app="b"} b'], ['{app="c"} c c']]);
  });

  test("when there are too many of them: that which was begun first", async () => {
    const { batcher, blocks } = newBatcher({ limits: { maxBytes: 10 } });
    for (let at = 0; at < 12; at++) void batcher.receive(logRows({ app: "a", __tenant_id__: `t${at}` }, "12345678"));
    expect(blocks.map(shown)).toEqual([['t0 {app="a"} 12345678'], ['t1 {app="a"} 12345678']]);
  });
});

test("a block knows how many entries it has, and from when to when", async () => {
  const { batcher, blocks } = newBatcher();
  void batcher.receive(logRows({ app: "a" }, [7_999_999n, "1"], [5_000_000n, "2"], [6_000_000n, "3"]));
  void batcher.flush();
  expect(blocks).toMatchObject([{ records: 3, minTimestamp: 5, maxTimestamp: 7, kind: 3 }]);
});

test("each tenant has requests of its own, and labels that begin with __ are not sent", async () => {
  const { batcher, blocks } = newBatcher({ external: { env: "prod", app: "default", __x: "y" } });
  void batcher.receive(logRows({ app: "a", __tenant_id__: "x", __path__: "/p" }, "1"));
  void batcher.receive(logRows({ job: "b" }, "2"));
  void batcher.receive(logRows({ app: "a", __tenant_id__: "x" }, "3"));
  void batcher.flush();
  expect(blocks.map(shown)).toEqual([['x {app="a", env="prod"} 1 3'], ['{app="default", env="prod", job="b"} 2']]);
});

test("the sender's arrays may change as soon as receive has returned", async () => {
  const { batcher, blocks } = newBatcher();
  const batch = logRows({ app: "a" }, [1n, "1"]);
  const received = batcher.receive(batch);
  batch.timestamps[0] = 9n;
  (batch.lines as string[])[0] = "9";
  (batch.stream as string[])[1] = "z";
  void batcher.flush();
  await received;
  expect([blocks.map(shown), blocks[0]?.maxTimestamp]).toEqual([[['{app="a"} 1']], 0]);
});

test("a batch is acknowledged when all blocks that hold its entries are, and fails with one that is refused", async () => {
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  const { batcher } = newBatcher({ append: () => answers[asked++]?.promise ?? Promise.resolve() });
  let isAcknowledged = false;
  const text = "x".repeat(70);
  const received = batcher.receive(logRows({ app: "a" }, text, text)).then(() => {
    isAcknowledged = true;
  });
  void batcher.flush();
  answers[1]?.resolve();
  await answers[1]?.promise;
  expect(isAcknowledged).toBe(false);
  answers[0]?.reject(new Error("closed"));
  await expect(received).rejects.toThrow("closed");
});

test("what no Loki takes is dropped and counted, and holds up nothing", async () => {
  const { batcher, blocks, drops } = newBatcher();
  await batcher.receive(logRows({ app: "a", __tenant_id__: "two\nlines" }, "1", "2"));
  await batcher.receive(logRows({ app: "a" }, "x".repeat(2 ** 25 + 1)));
  expect([drops, blocks, batcher.pending]).toEqual([["invalid_tenant 2", "line_too_long 1"], [], 0]);
});

test("changed options hold for the entries to come", async () => {
  const { batcher, blocks } = newBatcher();
  void batcher.receive(logRows({ app: "a" }, "1"));
  batcher.update(batching({ external: { env: "prod" } }));
  void batcher.receive(logRows({ app: "a" }, "2"));
  void batcher.flush();
  expect(blocks.map(shown)).toEqual([['{app="a"} 1'], ['{app="a", env="prod"} 2']]);
});

test("nothing is appended for nothing", async () => {
  const { batcher, clock, blocks } = newBatcher();
  await batcher.receive(logRows({ app: "a" }));
  void batcher.flush();
  expect([blocks, clock.pending]).toEqual([[], 0]);
});

test("entries that come as UTF-8 are sent as those that come as text, whatever they are and wherever they are cut", async () => {
  const entry = fc.tuple(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.dictionary(fc.constantFrom("a", "b"), fc.string({ maxLength: 5 })),
  );
  const rows = fc.array(entry, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom("a", "b"), rows), { maxLength: 6 }), async (sent) => {
      const [text, bytes] = [newBatcher(), newBatcher()];
      for (const [app, entries] of sent) {
        const { batch, forget } = asUtf8(logRows({ app }, ...entries));
        void text.batcher.receive(logRows({ app }, ...entries));
        void bytes.batcher.receive(batch);
        forget();
      }
      await Promise.all([text.batcher.flush(), bytes.batcher.flush()]);
      expect(bytes.blocks).toEqual(text.blocks);
    }),
  );
});
