import { BatchRelabeler } from "../../src/formats/relabel/batch.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";
import type { RelabelRule } from "../../src/signals/relabel-rule.ts";
import { SeriesTable } from "../../src/signals/series-table.ts";
import type { BenchRow } from "./row.ts";

const seriesCount = 10_000;
const batches = 500;

const defaults = {
  source_labels: [],
  separator: ";",
  regex: "(.*)",
  modulus: 0,
  target_label: "",
  replacement: "$1",
} as const;

const rules: readonly RelabelRule[] = [
  { ...defaults, action: "drop", source_labels: ["__name__"], regex: "metric_1.*" },
  { ...defaults, action: "replace", source_labels: ["pod"], regex: "(.+)-[0-9]+", target_label: "app" },
  { ...defaults, action: "labeldrop", regex: "pod_uid" },
];

/** Relabeling of one target's scrapes: most with the layout of the one before, and one where every series is new. */
export async function bench(): Promise<BenchRow[]> {
  const relabeler = new BatchRelabeler(rules);
  const batch = batchOfNewSeries();
  return [
    {
      stage: "relabel: first sight of a series",
      nsPerSample: time(1, () => relabeler.relabel(batch)),
      note: "3 rules",
    },
    {
      stage: "relabel: new layout, known series",
      nsPerSample: time(batches, (run) => relabeler.relabel({ ...batch, layout: run + 2 })),
    },
    {
      stage: "relabel: known layout, rows dropped",
      nsPerSample: time(batches, () => relabeler.relabel({ ...batch, layout: 1 })),
      note: "every sample of every scrape",
    },
  ];
}

function batchOfNewSeries(): MetricBatch {
  const series = new SeriesTable();
  const ids = Uint32Array.from({ length: seriesCount }, (_, n) =>
    series.add(labelsFrom({ __name__: `metric_${n % 20}`, pod: `app-${n}`, pod_uid: `${n * 7919}`, zone: "a" })),
  );
  const values = Float64Array.from(ids);
  const timestamps = new Float64Array(seriesCount).fill(1_700_000_000_000);
  return { series, layout: 1, ids, values, timestamps, length: seriesCount, staleFrom: seriesCount };
}

function time(runs: number, work: (run: number) => void): number {
  const started = performance.now();
  for (let run = 0; run < runs; run++) work(run);
  return ((performance.now() - started) * 1e6) / (runs * seriesCount);
}
