import { expect, test } from "vitest";
import { logStages } from "../../../src/config/fields/log-stages/log-stages.ts";
import { mistakesInStage } from "../../../src/engines/process-log/check-stages.ts";
import { Pipeline } from "../../../src/engines/process-log/pipeline.ts";
import { CustomMetrics } from "../../../src/signals/custom-metrics.ts";
import { formatLabels, type Labels, labelsFrom } from "../../../src/signals/labels.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { asUtf8 } from "../../support/log-rows.ts";

interface Sent {
  readonly batch: LogBatch;
  /** The receiver has it, or cannot take it. */
  readonly acknowledge: () => void;
  readonly refuse: (error: unknown) => void;
}

/** A pipeline whose output a test acknowledges by hand. */
function pipelineUnderTest(stages: readonly unknown[]) {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const stop = new AbortController();
  const pipeline = new Pipeline({
    stages: logStages(mistakesInStage).parse(stages),
    clock,
    random: () => 0,
    counts: { dropped() {}, droppedByLabel() {}, truncated() {}, criFlushed() {}, criTruncated() {} },
    custom: new CustomMetrics(() => 0),
    readFile: () => Buffer.of(),
    output: {
      receive(batch) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        sent.push({ batch, acknowledge: resolve, refuse: reject });
        return promise;
      },
    },
  });
  return { pipeline, clock, sent, stop, ended: pipeline.run(stop.signal) };
}

function batchOf(lines: readonly string[], labels: Labels = labelsFrom({ app: "a" })): LogBatch {
  return { stream: labels, timestamps: BigInt64Array.from(lines, (_, at) => BigInt(at)), lines };
}

/** Whether a promise is settled by now, and how. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(
    () => "acknowledged",
    (error: unknown) => `refused: ${error}`,
  );
  const turns = new Promise<string>((resolve) => setImmediate(() => setImmediate(() => resolve("open"))));
  return Promise.race([settled, turns]);
}

const byLine = [{ regex: { expression: "^(?P<s>.)" } }, { labels: { values: { s: "" } } }];

test("entries leave by stream, each stream in its order", () => {
  const { pipeline, sent } = pipelineUnderTest(byLine);
  void pipeline.receive(batchOf(["a1", "b1", "a2", "b2", "a3"]));
  expect(sent.map(({ batch }) => [formatLabels(batch.stream), batch.lines, [...batch.timestamps]])).toEqual([
    ['{app="a", s="a"}', ["a1", "a2", "a3"], [0n, 2n, 4n]],
    ['{app="a", s="b"}', ["b1", "b2"], [1n, 3n]],
  ]);
});

test("metadata stays with its entries, and is left out where there is none", () => {
  const { pipeline, sent } = pipelineUnderTest([
    { regex: { expression: "(?P<n>\\d)" } },
    { structured_metadata: { values: { n: "" } } },
  ]);
  void pipeline.receive({ ...batchOf(["a", "1"]), metadata: [labelsFrom({ m: "x" }), []] });
  void pipeline.receive(batchOf(["b"]));
  expect(sent.map(({ batch }) => batch.metadata)).toEqual([
    [
      ["m", "x"],
      ["n", "1"],
    ],
    undefined,
  ]);
});

test("a batch is acknowledged when all batches that were made of it are", async () => {
  const { pipeline, sent } = pipelineUnderTest(byLine);
  const received = pipeline.receive(batchOf(["a", "b"]));
  sent[0]?.acknowledge();
  expect(await stateOf(received)).toBe("open");
  sent[1]?.acknowledge();
  expect(await stateOf(received)).toBe("acknowledged");
});

test("a batch of which nothing is left is acknowledged at once", async () => {
  const { pipeline, sent } = pipelineUnderTest([{ drop: { expression: "x" } }]);
  expect(await stateOf(pipeline.receive(batchOf(["x", "x"])))).toBe("acknowledged");
  expect(await stateOf(pipeline.receive(batchOf([])))).toBe("acknowledged");
  expect(sent).toEqual([]);
});

test("a batch is refused when something that was made of it is", async () => {
  const { pipeline, sent, stop, ended } = pipelineUnderTest(byLine);
  const received = pipeline.receive(batchOf(["a", "b"]));
  sent[0]?.acknowledge();
  sent[1]?.refuse("full");
  expect(await stateOf(received)).toBe("refused: full");
  stop.abort();
  await ended;
});

test("a batch whose lines are held back is acknowledged when their block is, and a later one by itself", async () => {
  const { pipeline, sent } = pipelineUnderTest([{ multiline: { firstline: "^\\S" } }]);
  const first = pipeline.receive(batchOf(["one", "two"]));
  const second = pipeline.receive(batchOf([" 2b"]));
  const third = pipeline.receive(batchOf([" 2c", "three"]));
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one"], ["two\n 2b\n 2c"]]);
  sent[0]?.acknowledge();
  expect(await Promise.all([first, second, third].map(stateOf))).toEqual(["open", "open", "open"]);
  sent[1]?.acknowledge();
  expect(await Promise.all([first, second, third].map(stateOf))).toEqual(["acknowledged", "acknowledged", "open"]);
});

/** What a batch says as UTF-8. */
function utf8Lines({ utf8 }: LogBatch): string[] | undefined {
  return utf8?.starts.map((start, at) => Buffer.from(utf8.bytes).toString("utf8", start, utf8.ends[at]));
}

test("lines that no stage changes go on as the bytes that they came as, others do not", () => {
  const { pipeline, sent } = pipelineUnderTest(byLine);
  void pipeline.receive(asUtf8(batchOf(["ä1", "b1", "ä2"])).batch);
  expect(sent.map(({ batch }) => utf8Lines(batch))).toEqual([["ä1", "ä2"], ["b1"]]);
  const changing = pipelineUnderTest([{ replace: { expression: "(1)", replace: "one" } }]);
  void changing.pipeline.receive(asUtf8(batchOf(["ä1", "b2"])).batch);
  expect(changing.sent.map(({ batch }) => [batch.lines, utf8Lines(batch)])).toEqual([[["äone", "b2"], undefined]]);
});

test("lines that are held back do not depend on the memory that they came in", () => {
  const { pipeline, sent } = pipelineUnderTest([{ multiline: { firstline: "^\\S" } }]);
  for (const lines of [["one", "two"], ["three"], [" 3b"], ["four"]]) {
    const { batch, forget } = asUtf8(batchOf(lines));
    void pipeline.receive(batch);
    forget();
  }
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one"], ["two"], ["three\n 3b"]]);
  expect(sent.map(({ batch }) => batch.utf8 !== undefined)).toEqual([true, false, false]);
});

test("a block whose time has come is sent, and its batch acknowledged", async () => {
  const { pipeline, sent, clock } = pipelineUnderTest([{ multiline: { firstline: "^\\S" } }]);
  const received = pipeline.receive(batchOf(["one"]));
  await clock.advance(2000);
  void pipeline.receive(batchOf([" b"]));
  await clock.advance(2999);
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one\n b"]]);
  sent[0]?.acknowledge();
  expect(await stateOf(received)).toBe("acknowledged");
  expect(clock.pending).toBe(0);
});

test("a block that a later stage drops is acknowledged", async () => {
  const { pipeline, sent, clock } = pipelineUnderTest([
    { multiline: { firstline: "^\\S" } },
    { drop: { expression: "one" } },
  ]);
  const received = pipeline.receive(batchOf(["one", " b"]));
  await clock.advance(3000);
  expect(await stateOf(received)).toBe("acknowledged");
  expect(sent).toEqual([]);
});

test("a block that a later stage holds back stays open until that lets it go", async () => {
  const { pipeline, sent, clock } = pipelineUnderTest([
    { multiline: { firstline: "^\\S", max_wait_time: "1s" } },
    { limit: { rate: 0.1, burst: 1 } },
  ]);
  const first = pipeline.receive(batchOf(["one", "two"]));
  await clock.advance(1000);
  sent[0]?.acknowledge();
  expect(await stateOf(first)).toBe("open");
  await clock.advance(9000);
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one"], ["two"]]);
  expect(await stateOf(first)).toBe("open");
  sent[1]?.acknowledge();
  expect(await stateOf(first)).toBe("acknowledged");
});

test("parts of a line from several batches are acknowledged together", async () => {
  const { pipeline, sent } = pipelineUnderTest([{ cri: {} }]);
  const parts = ["P a", "P b", "F c"].map((part) => pipeline.receive(batchOf([`2026-01-01T00:00:00Z stdout ${part}`])));
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["abc"]]);
  expect(await Promise.all(parts.map(stateOf))).toEqual(["open", "open", "open"]);
  sent[0]?.acknowledge();
  expect(await Promise.all(parts.map(stateOf))).toEqual(["acknowledged", "acknowledged", "acknowledged"]);
});

test("elements of an array are acknowledged together", async () => {
  const { pipeline, sent } = pipelineUnderTest([{ split_json: {} }, ...byLine]);
  const received = pipeline.receive(batchOf(["[1,2]"]));
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["1"], ["2"]]);
  sent[0]?.acknowledge();
  expect(await stateOf(received)).toBe("open");
  sent[1]?.acknowledge();
  expect(await stateOf(received)).toBe("acknowledged");
});

test("at the end what is held back is sent, and the end waits for its acknowledgement", async () => {
  const { pipeline, sent, stop, ended, clock } = pipelineUnderTest([
    { multiline: { firstline: "^\\S" } },
    { multiline: { firstline: "^\\S" } },
  ]);
  const received = pipeline.receive(batchOf(["one", " b"]));
  stop.abort();
  expect(await stateOf(ended)).toBe("open");
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one\n b"]]);
  sent[0]?.acknowledge();
  expect(await Promise.all([received, ended].map(stateOf))).toEqual(["acknowledged", "acknowledged"]);
  expect(clock.pending).toBe(0);
});

test("what comes after the end is not held back", async () => {
  const { pipeline, sent, stop, ended } = pipelineUnderTest([{ multiline: { firstline: "^\\S" } }]);
  stop.abort();
  await ended;
  const received = pipeline.receive(batchOf(["one"]));
  expect(sent.map(({ batch }) => batch.lines)).toEqual([["one"]]);
  sent[0]?.acknowledge();
  expect(await stateOf(received)).toBe("acknowledged");
});
