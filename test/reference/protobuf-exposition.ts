import protobuf from "protobufjs";
import { formatFloatLabel } from "../../src/lib/go-float.ts";

/** What Prometheus' client libraries write (io.prometheus.client), through protobufjs. */
const metricFamily = protobuf
  .parse(
    `
  syntax = "proto2";
  message LabelPair { optional string name = 1; optional string value = 2; }
  message Gauge { optional double value = 1; }
  message Counter { optional double value = 1; optional Exemplar exemplar = 2; optional Timestamp created_timestamp = 3; }
  message Quantile { optional double quantile = 1; optional double value = 2; }
  message Summary {
    optional uint64 sample_count = 1; optional double sample_sum = 2; repeated Quantile quantile = 3;
    optional Timestamp created_timestamp = 4;
  }
  message Untyped { optional double value = 1; }
  message Histogram {
    optional uint64 sample_count = 1; optional double sample_count_float = 4; optional double sample_sum = 2;
    repeated Bucket bucket = 3; optional Timestamp created_timestamp = 15;
    optional sint32 schema = 5; optional double zero_threshold = 6;
    optional uint64 zero_count = 7; optional double zero_count_float = 8;
    repeated BucketSpan negative_span = 9; repeated sint64 negative_delta = 10; repeated double negative_count = 11;
    repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13; repeated double positive_count = 14;
    repeated Exemplar exemplars = 16;
  }
  message Bucket {
    optional uint64 cumulative_count = 1; optional double cumulative_count_float = 4; optional double upper_bound = 2;
    optional Exemplar exemplar = 3;
  }
  message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
  message Exemplar { repeated LabelPair label = 1; optional double value = 2; optional Timestamp timestamp = 3; }
  message Timestamp { optional int64 seconds = 1; optional int32 nanos = 2; }
  message Metric {
    repeated LabelPair label = 1; optional Gauge gauge = 2; optional Counter counter = 3; optional Summary summary = 4;
    optional Untyped untyped = 5; optional Histogram histogram = 7; optional int64 timestamp_ms = 6;
  }
  message MetricFamily {
    optional string name = 1; optional string help = 2; optional int32 type = 3; repeated Metric metric = 4;
    optional string unit = 5;
  }
`,
    { keepCase: true },
  )
  .root.lookupType("MetricFamily");

export const types = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"] as const;

export interface Family {
  readonly name: string;
  readonly help?: string;
  readonly type: (typeof types)[number] | number;
  readonly unit?: string;
  readonly metrics: readonly Metric[];
}

export interface Metric {
  readonly labels?: Readonly<Record<string, string>>;
  readonly timestamp?: number;
  /** Of a counter, a gauge or what has no type. */
  readonly value?: number;
  readonly exemplar?: Exemplar;
  readonly summary?: { readonly count?: number; readonly sum?: number; readonly quantiles?: readonly Pair[] };
  readonly histogram?: Histogram;
}

type Pair = readonly [bound: number, value: number];

export interface Exemplar {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value?: number;
  /** Milliseconds. */
  readonly timestamp?: number;
}

export interface Histogram {
  readonly count?: number;
  readonly countFloat?: number;
  readonly sum?: number;
  readonly buckets?: readonly Bucket[];
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly zeroCountFloat?: number;
  readonly positiveSpans?: readonly Pair[];
  readonly negativeSpans?: readonly Pair[];
  readonly positiveDeltas?: readonly number[];
  readonly negativeDeltas?: readonly number[];
  readonly positiveCounts?: readonly number[];
  readonly negativeCounts?: readonly number[];
  readonly exemplars?: readonly Exemplar[];
}

export interface Bucket {
  readonly bound: number;
  readonly count?: number;
  readonly countFloat?: number;
  readonly exemplar?: Exemplar;
}

/** A page of these families, each behind its length. */
export function encodeFamilies(families: readonly Family[]): Buffer {
  return Buffer.concat(families.map((family) => metricFamily.encodeDelimited(familyMessage(family)).finish()));
}

/** One family without the length. */
export function encodeFamily(family: Family): Buffer {
  return Buffer.from(metricFamily.encode(familyMessage(family)).finish());
}

function familyMessage({ name, help, type, unit, metrics }: Family) {
  const number = typeof type === "number" ? type : types.indexOf(type);
  return metricFamily.fromObject(
    defined({ name, help, unit, type: number, metric: metrics.map((metric) => metricMessage(metric, type)) }),
  );
}

function metricMessage({ labels = {}, timestamp, value, exemplar, summary, histogram }: Metric, type: Family["type"]) {
  const simple = defined({ value, exemplar: exemplar && exemplarMessage(exemplar) });
  return defined({
    label: labelMessages(labels),
    timestamp_ms: timestamp,
    counter: type === "counter" ? simple : undefined,
    gauge: type === "gauge" ? simple : undefined,
    untyped: type === "untyped" ? simple : undefined,
    summary:
      summary &&
      defined({
        sample_count: summary.count,
        sample_sum: summary.sum,
        quantile: summary.quantiles?.map(([quantile, value]) => ({ quantile, value })),
      }),
    histogram: histogram && histogramMessage(histogram),
  });
}

function histogramMessage(histogram: Histogram) {
  const spans = (pairs: readonly Pair[] = []) => pairs.map(([offset, length]) => ({ offset, length }));
  return defined({
    sample_count: histogram.count,
    sample_count_float: histogram.countFloat,
    sample_sum: histogram.sum,
    bucket: (histogram.buckets ?? []).map(({ bound, count, countFloat, exemplar }) =>
      defined({
        upper_bound: bound,
        cumulative_count: count,
        cumulative_count_float: countFloat,
        exemplar: exemplar && exemplarMessage(exemplar),
      }),
    ),
    schema: histogram.schema,
    zero_threshold: histogram.zeroThreshold,
    zero_count: histogram.zeroCount,
    zero_count_float: histogram.zeroCountFloat,
    negative_span: spans(histogram.negativeSpans),
    negative_delta: histogram.negativeDeltas ?? [],
    negative_count: histogram.negativeCounts ?? [],
    positive_span: spans(histogram.positiveSpans),
    positive_delta: histogram.positiveDeltas ?? [],
    positive_count: histogram.positiveCounts ?? [],
    exemplars: (histogram.exemplars ?? []).map(exemplarMessage),
  });
}

function exemplarMessage({ labels = {}, value, timestamp }: Exemplar) {
  const time =
    timestamp === undefined
      ? undefined
      : {
          seconds: Math.floor(timestamp / 1000),
          nanos: (timestamp - Math.floor(timestamp / 1000) * 1000) * 1_000_000,
        };
  return defined({ label: labelMessages(labels), value, timestamp: time });
}

function labelMessages(labels: Readonly<Record<string, string>>) {
  return Object.entries(labels).map(([name, value]) => ({ name, value }));
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** One sample of the page: the labels as exposed, the number or `histogram`, the timestamp, the exemplars. */
export interface ExpectedRow {
  readonly labels: readonly string[];
  readonly value: number | "histogram";
  readonly timestamp: number | undefined;
  readonly exemplars: readonly Exemplar[];
}

export interface TwinOptions {
  readonly nativeHistograms: boolean;
  readonly classicHistograms: boolean;
}

/** The slow twin of formats/exposition/protobuf.ts: what is to be read from a page of families that are all right. */
export function expectedRows(
  families: readonly Family[],
  options: TwinOptions,
): { rows: ExpectedRow[]; withoutRow: number } {
  const all = families.flatMap((family) => {
    if (family.type === "summary") return family.metrics.flatMap((metric) => summaryRows(family, metric));
    if (family.type === "histogram" || family.type === "gaugehistogram") return histogramRows(family, options);
    return family.metrics.map((metric) => numberRow(family, metric));
  });
  const rows = all.filter((row) => row !== undefined);
  return { rows, withoutRow: all.length - rows.length };
}

function numberRow({ name, type }: Family, metric: Metric): ExpectedRow {
  return row(metric, name, metric.value ?? 0, [], type === "counter" ? [metric.exemplar] : []);
}

function summaryRows({ name }: Family, metric: Metric): ExpectedRow[] {
  const { count = 0, sum = 0, quantiles = [] } = metric.summary ?? {};
  return [
    row(metric, `${name}_count`, count),
    row(metric, `${name}_sum`, sum),
    ...quantiles.map(([quantile, value]) => row(metric, name, value, ["quantile", formatFloatLabel(quantile)])),
  ];
}

/** Undefined stands for a sample without a row. */
function histogramRows({ name, metrics }: Family, options: TwinOptions): (ExpectedRow | undefined)[] {
  const rows: (ExpectedRow | undefined)[] = [];
  let native: boolean | undefined;
  for (const metric of metrics) {
    const histogram = metric.histogram ?? {};
    native ??= hasNativeParts(histogram);
    if (native)
      rows.push(
        options.nativeHistograms ? row(metric, name, "histogram", [], exemplarsOfNative(histogram)) : undefined,
      );
    if (native && !(options.classicHistograms && histogram.buckets?.length)) continue;
    rows.push(...classicRows(name, metric, histogram));
    native = hasNativeParts(histogram);
  }
  return rows;
}

function classicRows(
  name: string,
  metric: Metric,
  { countFloat, count = 0, sum = 0, buckets = [] }: Histogram,
): ExpectedRow[] {
  const total = countFloat || count;
  const end = buckets.findIndex(({ bound }) => bound === Infinity);
  const all = end < 0 ? [...buckets, { bound: Infinity, count: total }] : buckets.slice(0, end + 1);
  return [
    row(metric, `${name}_count`, total),
    row(metric, `${name}_sum`, sum),
    ...all.map(({ bound, count = 0, countFloat, exemplar }: Bucket) =>
      row(metric, `${name}_bucket`, countFloat || count, ["le", formatFloatLabel(bound)], [exemplar]),
    ),
  ];
}

function row(
  { labels = {}, timestamp }: Metric,
  name: string,
  value: number | "histogram",
  bound: readonly string[] = [],
  exemplars: readonly (Exemplar | undefined)[] = [],
): ExpectedRow {
  return {
    labels: ["__name__", name, ...Object.entries(labels).flat(), ...bound],
    value,
    timestamp: timestamp || undefined,
    exemplars: exemplars.filter((exemplar) => exemplar !== undefined),
  };
}

function hasNativeParts({
  positiveSpans = [],
  negativeSpans = [],
  zeroThreshold = 0,
  zeroCount = 0,
}: Histogram): boolean {
  return positiveSpans.length > 0 || negativeSpans.length > 0 || zeroThreshold > 0 || zeroCount > 0;
}

function exemplarsOfNative({ exemplars = [], buckets = [] }: Histogram): (Exemplar | undefined)[] {
  const all = exemplars.length > 0 ? exemplars : buckets.map(({ exemplar }) => exemplar);
  return all
    .filter((exemplar) => exemplar?.timestamp !== undefined)
    .sort((a, b) => (a?.timestamp ?? 0) - (b?.timestamp ?? 0) || (a?.value ?? 0) - (b?.value ?? 0));
}
