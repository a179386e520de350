import { expect, test } from "vitest";
import { prometheusRelabel } from "../../../src/components/prometheus/relabel.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import { SeriesTable } from "../../../src/signals/series-table.ts";
import { harness } from "../../support/component-harness.ts";

/** Copies, as a receiver must, during the synchronous part of `receive`. */
function recorder(): { rows: string[]; output: { receive(batch: unknown): Promise<void> } } {
  const rows: string[] = [];
  return {
    rows,
    output: {
      async receive(batch) {
        const { series, ids, values, length, staleFrom } = batch as MetricBatch;
        for (let row = 0; row < length; row++) {
          rows.push(`${formatLabels(series.labels(ids[row]!))} ${row < staleFrom ? values[row] : "stale"}`);
        }
      },
    },
  };
}

function batchOf(staleFrom: number, ...series: Record<string, string>[]): MetricBatch {
  const table = new SeriesTable();
  const ids = Uint32Array.from(series, (labels) => table.add(labelsFrom(labels)));
  const values = Float64Array.from(ids);
  return { series: table, layout: 1, ids, values, timestamps: values, length: ids.length, staleFrom };
}

const rules = [
  { source_labels: ["__name__"], regex: "go_.*", action: "drop" },
  { regex: "pod", action: "labeldrop" },
];

test("series are rewritten and dropped, and drops are counted by reason", async () => {
  const { rows, output } = recorder();
  const { running, metrics } = harness(prometheusRelabel, { rules }, output);
  await running.input?.receive(
    batchOf(
      4,
      { __name__: "up", pod: "1" },
      { __name__: "go_threads" },
      { __name__: "up", pod: "2" },
      { pod: "3" },
      { __name__: "gone" },
      { __name__: "go_gone" },
    ),
  );
  expect(rows).toEqual(['{__name__="up"} 0', '{__name__="gone"} stale']);
  expect(metrics).toEqual({
    'dropped{reason="rule"}': 1,
    'dropped{reason="unnamed"}': 1,
    'dropped{reason="duplicate"}': 1,
  });
});

test("the batch is handed on before receive returns, while the sender's arrays still hold it", () => {
  const { rows, output } = recorder();
  const { running } = harness(prometheusRelabel, { rules }, output);
  const batch = batchOf(2, { __name__: "up" }, { __name__: "go_threads" });
  const ack = running.input?.receive(batch);
  batch.values.fill(99);
  expect(rows).toEqual(['{__name__="up"} 0']);
  return ack;
});

test("a batch of which nothing is left is acknowledged and goes no further", async () => {
  const { running, metrics } = harness(
    prometheusRelabel,
    { rules },
    { receive: () => Promise.reject(new Error("no")) },
  );
  await running.input?.receive(batchOf(1, { __name__: "go_threads" }));
  expect(metrics).toEqual({ 'dropped{reason="rule"}': 1 });
});

test("the ack is the receiver's", async () => {
  const refusal = new Error("queue closed");
  const { running } = harness(prometheusRelabel, { rules }, { receive: () => Promise.reject(refusal) });
  await expect(running.input?.receive(batchOf(1, { __name__: "up" }))).rejects.toBe(refusal);
});

test("a batch of which only histograms or exemplars are left is handed on, one of which nothing is left is not", async () => {
  const sizes: unknown[] = [];
  const output = {
    receive: (batch: unknown) => {
      const { length, histograms, exemplars } = batch as MetricBatch;
      sizes.push([length, histograms?.length, exemplars?.length]);
      return Promise.resolve();
    },
  };
  const { running } = harness(prometheusRelabel, { rules }, output);
  const batch = batchOf(1, { __name__: "go_threads" });
  const series = new SeriesTable();
  for (const name of ["go_threads", "kept"]) series.add(labelsFrom({ __name__: name }));
  const exemplar = { labels: [], value: 1, timestamp: 1 };
  await running.input?.receive({ ...batch, series, exemplars: [{ id: 1, ...exemplar }] });
  await running.input?.receive({ ...batch, series, exemplars: [{ id: 0, ...exemplar }] });
  await running.input?.receive({ ...batch, series });
  expect(sizes).toEqual([[0, 0, 1]]);
});
