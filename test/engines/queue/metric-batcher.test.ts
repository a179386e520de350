import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { MetricBatcher, type MetricBatcherOptions } from "../../../src/engines/queue/metric-batcher.ts";
import type { Block, Queue } from "../../../src/engines/queue/queue.ts";
import { noLabels } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import { decodeWriteRequest } from "../../reference/remote-write.ts";
import { batchOf } from "../../support/batches.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const limits = { maxSamples: 3, deadlineMs: 1000 };

const batching = { externalLabels: noLabels, limits, sendExemplars: true, sendNativeHistograms: true };

function newBatcher(
  append: (block: Block) => Promise<void> = () => Promise.resolve(),
  options: Omit<MetricBatcherOptions, "queue" | "clock"> = batching,
) {
  const blocks: Block[] = [];
  const queue = {
    allocate: (length) => new Uint8Array(length),
    append(block: Block) {
      blocks.push(block);
      return append(block);
    },
  } as Queue;
  const clock = new FakeClock();
  return { batcher: new MetricBatcher({ ...options, queue, clock }), clock, blocks };
}

function rows(...timestamps: number[]) {
  return batchOf(timestamps.map((timestamp) => ({ labels: { n: String(timestamp) }, timestamp })));
}

function timestamps({ payload }: Block): (number | undefined)[] {
  return decodeWriteRequest(uncompress(payload)).map(({ samples }) => samples[0]?.timestamp);
}

test("a block knows how many samples it has, and from when to when", async () => {
  const { batcher, blocks } = newBatcher();
  await batcher.receive(rows(7, 5, 6));
  expect(blocks).toMatchObject([{ records: 3, minTimestamp: 5, maxTimestamp: 7 }]);
});

test("a batch larger than a block fills several, in order", async () => {
  const { batcher, blocks } = newBatcher();
  const received = batcher.receive(rows(1, 2, 3, 4, 5, 6, 7));
  expect(batcher.pending).toBe(1);
  await batcher.flush();
  await received;
  expect(blocks.map(timestamps)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test("the deadline runs from the first sample of a block", async () => {
  const { batcher, clock, blocks } = newBatcher();
  const received = [batcher.receive(rows(1))];
  await clock.advance(999);
  received.push(batcher.receive(rows(2)));
  expect(blocks).toEqual([]);
  await clock.advance(1);
  await Promise.all(received);
  expect([blocks.map(timestamps), clock.pending]).toEqual([[[1, 2]], 0]);
});

test("the sender's arrays may change as soon as receive has returned", async () => {
  const { batcher, blocks } = newBatcher();
  const batch = rows(1);
  const received = batcher.receive(batch);
  batch.timestamps[0] = 99;
  await batcher.flush();
  await received;
  expect(blocks.map(timestamps)).toEqual([[1]]);
});

test("a block that the queue does not take fails the batches with samples in it", async () => {
  const { batcher } = newBatcher(() => Promise.reject(new Error("disk full")));
  await expect(batcher.receive(rows(1, 2, 3))).rejects.toThrow("disk full");
});

const histogram: NativeHistogram = {
  kind: "float",
  schema: 0,
  zeroThreshold: 0,
  sum: 0,
  count: 0,
  zeroCount: 0,
  positiveSpans: [],
  negativeSpans: [],
  positiveCounts: [],
  negativeCounts: [],
  isGauge: false,
};

const mixed: MetricBatch = {
  ...rows(5, 5),
  histograms: [6, 4].map((timestamp) => ({ id: 0, histogram, timestamp })),
  exemplars: [3, 7].map((timestamp) => ({ id: 1, labels: noLabels, value: 1, timestamp })),
};

/** What is in each block, and its time. */
function contents(blocks: readonly Block[]): string[] {
  return blocks.map(({ payload, records, minTimestamp, maxTimestamp }) => {
    const kinds = decodeWriteRequest(uncompress(payload)).map(({ samples, histograms }) =>
      samples.length > 0 ? "sample" : histograms.length > 0 ? "histogram" : "exemplar",
    );
    return `${records} from ${minTimestamp} to ${maxTimestamp}: ${kinds.join(", ")}`;
  });
}

test("histograms and exemplars come behind the samples, and each is a record", async () => {
  const { batcher, blocks } = newBatcher();
  await batcher.receive(mixed);
  expect(contents(blocks)).toEqual([
    "3 from 5 to 6: sample, sample, histogram",
    "3 from 3 to 7: histogram, exemplar, exemplar",
  ]);
});

test("what is not to be sent is passed over, from the moment the options say so", async () => {
  const { batcher, blocks } = newBatcher(undefined, { ...batching, sendExemplars: false, sendNativeHistograms: false });
  const received = [batcher.receive(mixed)];
  batcher.update({ ...batching, sendNativeHistograms: false });
  received.push(batcher.receive(mixed));
  await batcher.flush();
  await Promise.all(received);
  expect(contents(blocks)).toEqual([
    "2 from 5 to 5: sample, sample",
    "3 from 3 to 5: sample, sample, exemplar",
    "1 from 7 to 7: exemplar",
  ]);
});

test("nothing is appended for nothing", async () => {
  const { batcher, blocks } = newBatcher();
  await batcher.receive(rows());
  await batcher.flush();
  expect(blocks).toEqual([]);
});

test("histograms with custom buckets go into blocks of 2.0; for one of 1.0 they are told of, and left out", async () => {
  const custom: NativeHistogram = { ...histogram, schema: -53 };
  const batch = {
    ...rows(5),
    histograms: [histogram, custom, histogram].map((each) => ({ id: 0, histogram: each, timestamp: 7 })),
  };
  const unsendable: number[] = [];
  const { batcher, blocks } = newBatcher(undefined, {
    ...batching,
    limits: { ...limits, maxSamples: 10 },
    onUnsendable: (histograms: number) => unsendable.push(histograms),
  });
  await Promise.all([batcher.receive(batch), batcher.flush()]);
  expect([unsendable, blocks.map(({ records }) => records)]).toEqual([[1], [3]]);
  batcher.update({ ...batching, message: "io.prometheus.write.v2.Request", limits: { ...limits, maxSamples: 10 } });
  await Promise.all([batcher.receive(batch), batcher.flush()]);
  expect([unsendable, blocks.map(({ records }) => records)]).toEqual([[1], [3, 4]]);
});
