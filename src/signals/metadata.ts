/** What a page says about a metric family. The type is a word of OpenMetrics; "untyped" is Prometheus' text format's. */
export interface MetricMetadata {
  /** Of the family, which is not always the name of its series. */
  readonly family: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** What is known of the families of a series table. */
export interface MetadataSource {
  /** Changes when something of it does. */
  readonly metadataVersion: number;
  metadata(): readonly MetricMetadata[];
}

/** Endings of a series' name that its family does not have. */
const endings = ["_total", "_bucket", "_count", "_sum", "_created", "_info", "_gcount", "_gsum"];

/** The family of that series, of those whose names are the keys. */
export function metadataOf(families: ReadonlyMap<string, MetricMetadata>, series: string): MetricMetadata | undefined {
  const own = families.get(series);
  if (own !== undefined) return own;
  const ending = endings.find((text) => series.endsWith(text));
  return ending === undefined ? undefined : families.get(series.slice(0, -ending.length));
}
