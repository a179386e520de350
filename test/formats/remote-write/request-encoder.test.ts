import fc from "fast-check";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { RequestEncoder } from "../../../src/formats/remote-write/request-encoder.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricMetadata } from "../../../src/signals/metadata.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import { SeriesTable } from "../../../src/signals/series-table.ts";
import { expectedSeries } from "../../reference/remote-write.ts";
import { decodeRequest, type SentSeries2 } from "../../reference/remote-write-2.ts";

const time = Date.UTC(2026, 0, 1);
const external = labelsFrom({ env: "prod" });

class DescribedTable extends SeriesTable {
  families: readonly MetricMetadata[] = [];
  version = 1;
  override metadata = {
    table: this,
    get metadataVersion(): number {
      return this.table.version;
    },
    metadata: (): readonly MetricMetadata[] => this.families,
  };
}

const requests = { family: "requests", type: "counter", help: "Requests, käse.", unit: "things" };

function tableOf(size: number): DescribedTable {
  const series = new DescribedTable();
  series.families = [requests, { family: "up", type: "untyped", help: "", unit: "" }];
  for (let at = 0; at < size; at++) {
    const name = at % 3 === 0 ? "requests_total" : at % 3 === 1 ? "up" : "unknown";
    series.add(labelsFrom({ __name__: name, instance: "a:1", path: `/käse/${at}` }));
  }
  return series;
}

function withMetadata(batch: MetricBatch): SentSeries2[] {
  return expectedSeries(batch, external).map((series) => {
    const name = series.labels.find(([label]) => label === "__name__")?.[1];
    if (name === "requests_total") return { ...series, metadata: { type: 1, help: requests.help, unit: "things" } };
    return { ...series, metadata: name === "up" ? { type: 0, help: "", unit: "" } : undefined };
  });
}

/** Appends all rows as a batcher does, and returns what the blocks say. */
function encode(encoder: RequestEncoder, batches: readonly MetricBatch[]): { sent: SentSeries2[]; blocks: number } {
  const blocks: Uint8Array[] = [];
  let isEmpty = true;
  const close = () => {
    if (!isEmpty) blocks.push(encoder.take());
    isEmpty = true;
  };
  for (const batch of batches) {
    const isAlone = encoder.standsAlone(batch, 0, batch.length);
    if (isAlone) close();
    encoder.append(batch, 0, batch.length);
    isEmpty = false;
    if (isAlone) close();
    encoder.appendHistograms(batch, 0, batch.histograms?.length ?? 0);
    encoder.appendExemplars(batch, 0, batch.exemplars?.length ?? 0);
    if (batch.exemplars !== undefined) isEmpty = false;
  }
  close();
  return { sent: blocks.flatMap((block) => decodeRequest(uncompress(block))), blocks: blocks.length };
}

function batchOf(series: SeriesTable, rest: Partial<MetricBatch> & { readonly ids: Uint32Array }): MetricBatch {
  const length = rest.ids.length;
  return {
    series,
    layout: 1,
    values: Float64Array.from(rest.ids, (id) => id * 1.5),
    timestamps: new Float64Array(length).fill(time),
    length,
    staleFrom: length,
    ...rest,
  };
}

test("whatever comes, every row is in a message, with its labels and the metadata of its family", () => {
  const table = tableOf(300);
  const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, 1));
  const step = fc.record({
    layout: fc.nat(2),
    seed: fc.array(value, { minLength: 1, maxLength: 9 }),
    times: fc.constantFrom([time], [time], [time], [time, time + 1], [0], [-1], [2 ** 42]),
    isShort: fc.boolean(),
    staleRows: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const encoder = new RequestEncoder(external, 1);
      const batches = steps.map(({ layout, seed, times, isShort, staleRows }): MetricBatch => {
        const ids = Uint32Array.from({ length: isShort ? 20 : 200 }, (_, row) => row + layout * 30);
        return batchOf(table, {
          ids,
          layout: layout * 10 + staleRows + (isShort ? 100 : 0),
          values: Float64Array.from(ids, (_, row) => seed[row % seed.length] ?? 0),
          timestamps: Float64Array.from(ids, (_, row) => times[row % times.length] ?? 0),
          staleFrom: ids.length - staleRows,
        });
      });
      const { sent } = encode(encoder, batches);
      expect(sent).toEqual(batches.flatMap(withMetadata));
    }),
    { numRuns: 60 },
  );
});

test("many rows of a layout that has been here before are a block of their own, from a template", () => {
  const table = tableOf(300);
  const few = batchOf(tableOf(3), { ids: Uint32Array.of(0, 1, 2) });
  const many = batchOf(table, { ids: Uint32Array.from({ length: 200 }, (_, at) => at) });
  const encoder = new RequestEncoder(external);
  expect(encode(encoder, [few, many, few]).blocks).toBe(1);
  const again = encode(encoder, [few, many, few]);
  expect(again.blocks).toBe(3);
  expect(again.sent.length).toBe(206);
});

test("metadata that change are sent from the next batch on", () => {
  const table = tableOf(200);
  const batch = batchOf(table, { ids: Uint32Array.from({ length: 200 }, (_, at) => at) });
  const encoder = new RequestEncoder(external);
  encode(encoder, [batch, batch]);
  table.families = [{ ...requests, help: "Another." }];
  table.version++;
  for (let time = 0; time < 3; time++) {
    expect(encode(encoder, [batch]).sent[0]?.metadata).toEqual({ type: 1, help: "Another.", unit: "things" });
  }
});

test("start timestamps, histograms and exemplars are sent", () => {
  const table = tableOf(3);
  const histogram = {
    kind: "float",
    schema: 1,
    zeroThreshold: 0.5,
    sum: 3,
    count: 2,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: 1 }],
    negativeSpans: [],
    positiveCounts: [2],
    negativeCounts: [],
    isGauge: false,
  } as const;
  const batch = batchOf(table, {
    ids: Uint32Array.of(0, 1),
    startTimestamps: Float64Array.of(time - 5000, 0),
    histograms: [{ id: 2, histogram, timestamp: time, startTimestamp: time - 7000 }],
    exemplars: [{ id: 0, labels: ["trace_id", "x"], value: 0.25, timestamp: time }],
  });
  const expected = withMetadata(batch);
  const [first] = expected;
  expect(encode(new RequestEncoder(external), [batch]).sent).toEqual([
    { ...first, samples: [{ ...first?.samples[0], startTimestamp: time - 5000 }] },
    ...expected.slice(1),
  ]);
});
