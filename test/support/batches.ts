import { labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../src/signals/metric-batch.ts";
import { SeriesTable } from "../../src/signals/series-table.ts";

export interface Row {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly timestamp?: number;
}

/** A batch of these rows, each a series of its own; the rows of `stale` are stale markers behind them. */
export function batchOf(rows: readonly Row[], stale: readonly Row[] = []): MetricBatch {
  const series = new SeriesTable();
  const all = [...rows, ...stale];
  const ids = all.map(({ labels }) => series.add(labelsFrom(labels)));
  return batchOfIds(series, ids, all, rows.length);
}

export function batchOfIds(
  series: SeriesLookup,
  ids: readonly number[],
  rows: readonly Pick<Row, "value" | "timestamp">[],
  staleFrom = ids.length,
): MetricBatch {
  return {
    series,
    layout: 1,
    ids: Uint32Array.from(ids),
    values: Float64Array.from(rows, ({ value = 1 }) => value),
    timestamps: Float64Array.from(rows, ({ timestamp = Date.UTC(2026, 0, 1) }) => timestamp),
    length: ids.length,
    staleFrom,
  };
}
