import type { Labels } from "./labels.ts";

export type MetricType = "counter" | "gauge" | "histogram" | "summary" | "untyped";

/** What an exporter in this process yields: one family as it stands on a /metrics page. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly samples: readonly FamilySample[];
}

export interface FamilySample {
  /** The series' name: the family's, or for histograms and summaries with `_bucket`, `_sum` or `_count` behind it. */
  readonly name: string;
  /**
   * Without `__name__`. Unlike elsewhere values may be empty, because a /metrics page shows them (node_exporter's
   * `device_error=""`); who makes series of samples drops such labels.
   */
  readonly labels: Labels;
  readonly value: number;
}
