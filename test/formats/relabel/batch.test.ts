import fc from "fast-check";
import { expect, test } from "vitest";
import { BatchRelabeler } from "../../../src/formats/relabel/batch.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import { SeriesTable } from "../../../src/signals/series-table.ts";
import { relabelBatchSlowly, type SlowRow } from "../../reference/relabel.ts";
import { anyLabels, anyRule, rule } from "./rules.ts";

const dropDebug = [rule({ source_labels: ["level"], regex: "debug", action: "drop" })];

function tableOf(...series: Record<string, string>[]): SeriesTable {
  const table = new SeriesTable();
  for (const labels of series) table.add(labelsFrom(labels));
  return table;
}

/** A batch whose arrays are longer than it is, as senders may hand them out. */
function batchOf(
  series: SeriesTable,
  layout: number,
  ids: number[],
  values: number[],
  staleFrom = ids.length,
): MetricBatch {
  const padding = [0, 0];
  return {
    series,
    layout,
    ids: Uint32Array.from([...ids, ...padding]),
    values: Float64Array.from([...values, ...padding]),
    timestamps: Float64Array.from([...ids.map((_, row) => 1_000 + row), ...padding]),
    length: ids.length,
    staleFrom,
  };
}

function rowsOf(batch: MetricBatch): SlowRow[] {
  return Array.from({ length: batch.length }, (_, row) => {
    const sample = { labels: batch.series.labels(batch.ids[row]!), timestamp: batch.timestamps[row]! };
    return row < batch.staleFrom ? { ...sample, value: batch.values[row]! } : { ...sample, stale: true };
  });
}

function show(batch: MetricBatch): string[] {
  return rowsOf(batch).map(
    ({ labels, value, timestamp }) => `${formatLabels(labels)} ${value ?? "stale"} @${timestamp}`,
  );
}

test("rows of dropped series are left out, of samples and of stale markers alike", () => {
  const table = tableOf(
    { __name__: "a", level: "debug" },
    { __name__: "b" },
    { __name__: "c", level: "debug" },
    { __name__: "d" },
  );
  const { batch, dropped } = new BatchRelabeler(dropDebug).relabel(
    batchOf(table, 1, [0, 1, 2, 3], [10, 11, 12, 13], 2),
  );
  expect(show(batch)).toEqual(['{__name__="b"} 11 @1001', '{__name__="d"} stale @1003']);
  expect(batch).toMatchObject({ length: 2, staleFrom: 1, layout: 1 });
  expect(dropped).toEqual({ rule: 1, unnamed: 0, duplicate: 0 });
});

test("ids keep their numbers", () => {
  const table = tableOf({ __name__: "a", level: "debug" }, { __name__: "b" });
  const { batch } = new BatchRelabeler(dropDebug).relabel(batchOf(table, 1, [0, 1], [10, 11]));
  expect(batch.ids).toEqual(Uint32Array.of(1));
  expect(batch.series.size).toBe(2);
});

test("where nothing is dropped the sender's columns are passed on as they are", () => {
  const table = tableOf({ __name__: "a" }, { __name__: "b" });
  const batch = batchOf(table, 1, [0, 1], [10, 11]);
  const relabeled = new BatchRelabeler([rule({ target_label: "env", replacement: "prod" })]).relabel(batch).batch;
  expect(show(relabeled)).toEqual(['{__name__="a", env="prod"} 10 @1000', '{__name__="b", env="prod"} 11 @1001']);
  expect(relabeled.values).toBe(batch.values);
});

test("a series is relabeled once and its labels stay the same object", () => {
  const table = tableOf({ __name__: "a" });
  const relabeler = new BatchRelabeler([rule({ target_label: "env", replacement: "prod" })]);
  const first = relabeler.relabel(batchOf(table, 1, [0], [1])).batch;
  table.add(labelsFrom({ __name__: "b" }));
  const second = relabeler.relabel(batchOf(table, 2, [0, 1], [2, 3])).batch;
  expect(second.series).toBe(first.series);
  expect(second.series.labels(0)).toBe(first.series.labels(0));
  expect(show(second)).toEqual(['{__name__="a", env="prod"} 2 @1000', '{__name__="b", env="prod"} 3 @1001']);
});

test("the next batch of a layout needs its ids no more", () => {
  const table = tableOf({ __name__: "a", level: "debug" }, { __name__: "b" });
  const relabeler = new BatchRelabeler(dropDebug);
  const first = relabeler.relabel(batchOf(table, 7, [0, 1], [10, 11])).batch;
  const second = relabeler.relabel({ ...batchOf(table, 7, [0, 1], [20, 21]), ids: new Uint32Array(2) }).batch;
  expect(second.ids).toBe(first.ids);
  expect(show(second)).toEqual(['{__name__="b"} 21 @1001']);
});

test("another table starts anew, even with the same ids and layout", () => {
  const relabeler = new BatchRelabeler(dropDebug);
  const one = relabeler.relabel(batchOf(tableOf({ __name__: "a" }), 1, [0], [1])).batch;
  const other = relabeler.relabel(batchOf(tableOf({ __name__: "b", level: "debug" }), 1, [0], [2]));
  expect(show(one)).toEqual(['{__name__="a"} 1 @1000']);
  expect(show(other.batch)).toEqual([]);
});

test("a series without a name is dropped", () => {
  const table = tableOf({ __name__: "a" }, { __name__: "b", job: "x" });
  const rules = [rule({ regex: "__name__", action: "labeldrop" })];
  const { batch, dropped } = new BatchRelabeler(rules).relabel(batchOf(table, 1, [0, 1], [1, 2]));
  expect(show(batch)).toEqual([]);
  expect(dropped).toEqual({ rule: 0, unnamed: 2, duplicate: 0 });
});

test("of series that became one, the first sample wins", () => {
  const table = tableOf({ __name__: "a", pod: "1" }, { __name__: "a", pod: "2" }, { __name__: "b" });
  const rules = [rule({ regex: "pod", action: "labeldrop" })];
  const { batch, dropped } = new BatchRelabeler(rules).relabel(batchOf(table, 1, [0, 1, 2], [1, 2, 3]));
  expect(show(batch)).toEqual(['{__name__="a"} 1 @1000', '{__name__="b"} 3 @1002']);
  expect(dropped).toEqual({ rule: 0, unnamed: 0, duplicate: 1 });
});

test("a series that others still feed does not end when one of them does", () => {
  const table = tableOf({ __name__: "a", pod: "1" }, { __name__: "a", pod: "2" });
  const relabeler = new BatchRelabeler([rule({ regex: "pod", action: "labeldrop" })]);
  expect(show(relabeler.relabel(batchOf(table, 1, [0, 1], [1, 2])).batch)).toEqual(['{__name__="a"} 1 @1000']);
  const one = relabeler.relabel(batchOf(table, 2, [1, 0], [3, 0], 1)).batch;
  expect(show(one)).toEqual(['{__name__="a"} 3 @1000']);
  expect(one.ids).toEqual(Uint32Array.of(0));
  expect(show(relabeler.relabel(batchOf(table, 3, [1], [0], 0)).batch)).toEqual(['{__name__="a"} stale @1000']);
});

test("series whose labels only share a hash stay two series", () => {
  const table = tableOf({ __name__: "m680916569_5085" }, { __name__: "m-1013998239_4897" });
  const rules = [rule({ regex: "pod", action: "labeldrop" })];
  expect(new BatchRelabeler(rules).relabel(batchOf(table, 1, [0, 1], [1, 2])).batch.length).toBe(2);
});

test("two samples of one series in one batch both stay", () => {
  const table = tableOf({ __name__: "a", pod: "1" }, { __name__: "a", pod: "2" });
  const rules = [rule({ regex: "pod", action: "labeldrop" })];
  const { batch } = new BatchRelabeler(rules).relabel(batchOf(table, 1, [0, 0, 1], [1, 2, 3]));
  expect(show(batch)).toEqual(['{__name__="a"} 1 @1000', '{__name__="a"} 2 @1001']);
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

function withRareColumns(batch: MetricBatch, ids: readonly number[]): MetricBatch {
  return {
    ...batch,
    histograms: ids.map((id, at) => ({ id, histogram, timestamp: at })),
    exemplars: ids.map((id, at) => ({ id, labels: ["trace", "x"], value: at, timestamp: at })),
  };
}

test("histograms and exemplars follow their series", () => {
  const table = tableOf(
    { __name__: "a", level: "debug" },
    { __name__: "b" },
    { __name__: "c" },
    { __name__: "c", pod: "1" },
    { job: "unnamed" },
  );
  const rules = [...dropDebug, rule({ regex: "pod", action: "labeldrop" })];
  const relabeler = new BatchRelabeler(rules);
  for (const rows of [[], [1]]) {
    const source = batchOf(table, rows.length, rows, rows);
    const { batch, dropped } = relabeler.relabel(withRareColumns(source, [0, 1, 2, 3, 4]));
    expect(batch.histograms).toEqual([
      { id: 1, histogram, timestamp: 1 },
      { id: 2, histogram, timestamp: 2 },
    ]);
    expect(batch.exemplars?.map(({ id, value }) => [id, value])).toEqual([
      [1, 1],
      [2, 2],
      [2, 3],
    ]);
    expect(batch.histograms?.map(({ id }) => formatLabels(batch.series.labels(id)))).toEqual([
      '{__name__="b"}',
      '{__name__="c"}',
    ]);
    expect(dropped).toEqual({ rule: 1, unnamed: 1, duplicate: 1 });
  }
});

test("a batch without histograms and exemplars gets none", () => {
  const { batch } = new BatchRelabeler(dropDebug).relabel(batchOf(tableOf({ __name__: "a" }), 1, [0], [1]));
  expect(["histograms" in batch, "exemplars" in batch]).toEqual([false, false]);
});

test("any batches under any rules give what row by row evaluation gives", () => {
  const series = fc.uniqueArray(anyLabels, {
    minLength: 1,
    maxLength: 8,
    selector: (labels) => JSON.stringify(labels),
  });
  const rows = fc.record({
    ids: fc.uniqueArray(fc.nat(7), { maxLength: 8 }),
    stale: fc.nat(3),
    repeats: fc.integer({ min: 1, max: 2 }),
  });
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 3 }),
      series,
      fc.array(rows, { maxLength: 4 }),
      (rules, sets, layouts) => {
        const table = new SeriesTable();
        for (const labels of sets) table.add(labels);
        const relabeler = new BatchRelabeler(rules);
        for (const [layout, { ids, stale, repeats }] of layouts.entries()) {
          const known = ids.filter((id) => id < table.size);
          for (let repeat = 0; repeat < repeats; repeat++) {
            const values = known.map((id) => id * 10 + repeat);
            const batch = batchOf(table, layout, known, values, Math.max(0, known.length - stale));
            expect(rowsOf(relabeler.relabel(batch).batch)).toEqual(relabelBatchSlowly(rules, batch));
          }
        }
      },
    ),
    { numRuns: 3_000 },
  );
});
