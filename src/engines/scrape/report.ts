import type { Interner } from "../../signals/interner.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import { SeriesRegistry } from "../../signals/series-registry.ts";

export interface ScrapeTimes {
  readonly durationSeconds: number;
  readonly timeoutSeconds: number;
}

/** What a scrape tells of itself, whether it succeeded or not. */
export interface Report extends ScrapeTimes {
  readonly isUp: boolean;
  readonly scraped: number;
  readonly afterRelabeling: number;
  readonly added: number;
  readonly sampleLimit: number;
  readonly bodySize: number;
}

/** In the order in which they are sent; the later ones only where they are asked for (Prometheus: extra-scrape-metrics). */
const series: readonly (readonly [name: string, value: (report: Report) => number])[] = [
  ["up", ({ isUp }) => (isUp ? 1 : 0)],
  ["scrape_duration_seconds", ({ durationSeconds }) => durationSeconds],
  ["scrape_samples_scraped", ({ scraped }) => scraped],
  ["scrape_samples_post_metric_relabeling", ({ afterRelabeling }) => afterRelabeling],
  ["scrape_series_added", ({ added }) => added],
  ["scrape_timeout_seconds", ({ timeoutSeconds }) => timeoutSeconds],
  ["scrape_sample_limit", ({ sampleLimit }) => sampleLimit],
  ["scrape_body_size_bytes", ({ bodySize }) => bodySize],
];

const withoutExtra = 5;

export function reportCount(withExtra: boolean): number {
  return withExtra ? series.length : withoutExtra;
}

/** The reports are the first ids of a target, in their order: 0 is `up`. */
export function registryWithReports(target: Labels, interner: Interner): SeriesRegistry {
  const registry = new SeriesRegistry(interner);
  for (const [name] of series) registry.id(labelsFrom({ ...labelRecord(target), __name__: name }));
  return registry;
}

export function reportValues(report: Report, withExtra: boolean): number[] {
  return series.slice(0, reportCount(withExtra)).map(([, value]) => value(report));
}
