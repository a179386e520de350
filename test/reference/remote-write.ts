import protobuf from "protobufjs";
import { type Labels, labelRecord, labelsFrom } from "../../src/signals/labels.ts";
import type { HistogramSample, MetricBatch } from "../../src/signals/metric-batch.ts";
import type { HistogramSpan, NativeHistogram } from "../../src/signals/native-histogram.ts";

/** What remote write 1.0 puts on the wire, as prometheus/prompb describes it, through protobufjs. */
const root = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
  message TimeSeries {
    repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3;
    repeated Histogram histograms = 4;
  }
  message Label { string name = 1; string value = 2; }
  message Sample { fixed64 value = 1; int64 timestamp = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3; sint32 schema = 4; double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
    int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
  }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
`).root;

const writeRequest = root.lookupType("WriteRequest");

/** One series of a request. The value is its 64 bits: a number would lose the payload of a NaN. */
export interface SentSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly bits: bigint; readonly timestamp: number }[];
  readonly histograms: readonly SentHistogram[];
  readonly exemplars: readonly SentExemplar[];
}

export type SentHistogram = Omit<HistogramSample, "id">;

export interface SentExemplar {
  readonly labels: SentSeries["labels"];
  readonly value: number;
  readonly timestamp: number;
}

export const staleBits = 0x7ff0_0000_0000_0002n;
export const nanBits = 0x7ff8_0000_0000_0001n;

function bitsOf(value: number): bigint {
  if (Number.isNaN(value)) return nanBits;
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

export interface Long {
  toString(): string;
}

interface Decoded {
  readonly labels: { readonly name: string; readonly value: string }[];
  readonly samples: { readonly value: Long; readonly timestamp: Long }[];
  readonly exemplars: { readonly labels: Decoded["labels"]; readonly value: number; readonly timestamp: Long }[];
  readonly histograms: DecodedHistogram[];
}

export interface DecodedHistogram {
  readonly count: "countInt" | "countFloat";
  readonly zeroCount: "zeroCountInt" | "zeroCountFloat";
  readonly countInt: Long;
  readonly countFloat: number;
  readonly zeroCountInt: Long;
  readonly zeroCountFloat: number;
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly positiveSpans: HistogramSpan[];
  readonly negativeSpans: HistogramSpan[];
  readonly positiveDeltas: Long[];
  readonly negativeDeltas: Long[];
  readonly positiveCounts: number[];
  readonly negativeCounts: number[];
  readonly resetHint: number;
  readonly customValues: number[];
  readonly timestamp: Long;
  /** In 2.0 alone. */
  readonly startTimestamp?: Long;
}

export function decodeWriteRequest(message: Uint8Array): SentSeries[] {
  const decoded = writeRequest.decode(message) as unknown as { timeseries: Decoded[] };
  return decoded.timeseries.map(({ labels, samples, exemplars, histograms }) => ({
    labels: pairs(labels),
    samples: samples.map(({ value, timestamp }) => ({
      bits: BigInt(value.toString()),
      timestamp: Number(timestamp.toString()),
    })),
    histograms: histograms.map((histogram) => ({
      histogram: nativeHistogram(histogram),
      timestamp: Number(histogram.timestamp.toString()),
    })),
    exemplars: exemplars.map(({ labels, value, timestamp }) => ({
      labels: pairs(labels),
      value,
      timestamp: Number(timestamp.toString()),
    })),
  }));
}

/** What a request says about metric families. */
export interface SentFamily {
  readonly type: number;
  readonly family: string;
  readonly help: string;
  readonly unit: string;
}

export function decodeMetadata(message: Uint8Array): SentFamily[] {
  const { metadata } = writeRequest.decode(message) as unknown as {
    metadata: { type: number; metricFamilyName: string; help: string; unit: string }[];
  };
  return metadata.map(({ type, metricFamilyName, help, unit }) => ({ type, family: metricFamilyName, help, unit }));
}

function pairs(labels: Decoded["labels"]): SentSeries["labels"] {
  return labels.map(({ name, value }) => [name, value] as const);
}

export function nativeHistogram(decoded: DecodedHistogram): NativeHistogram {
  const { sum, schema, zeroThreshold, resetHint, customValues } = decoded;
  const spans = (list: HistogramSpan[]) => list.map(({ offset, length }) => ({ offset, length }));
  const bigints = (list: Long[]) => list.map((value) => BigInt(value.toString()));
  const fields = {
    sum,
    schema,
    zeroThreshold,
    positiveSpans: spans(decoded.positiveSpans),
    negativeSpans: spans(decoded.negativeSpans),
    isGauge: resetHint === 3,
    ...(customValues.length > 0 && { customValues: [...customValues] }),
  };
  if (decoded.count === "countInt") {
    return {
      kind: "integer",
      ...fields,
      count: BigInt(decoded.countInt.toString()),
      zeroCount: BigInt(decoded.zeroCountInt.toString()),
      positiveDeltas: bigints(decoded.positiveDeltas),
      negativeDeltas: bigints(decoded.negativeDeltas),
    };
  }
  const { countFloat, zeroCountFloat, positiveCounts, negativeCounts } = decoded;
  return { kind: "float", ...fields, count: countFloat, zeroCount: zeroCountFloat, positiveCounts, negativeCounts };
}

/** The slow twin of the encoder: what a receiver must find in the message for these rows, histograms and exemplars. */
export function expectedSeries(batch: MetricBatch, externalLabels: Labels): SentSeries[] {
  const { histograms = [], exemplars = [] } = batch;
  const series = (id: number) => ({
    labels: listed(labelsFrom({ ...labelRecord(externalLabels), ...labelRecord(batch.series.labels(id)) })),
    samples: [],
    histograms: [],
    exemplars: [],
  });
  return [
    ...Array.from({ length: batch.length }, (_, row) => {
      const bits = row >= batch.staleFrom ? staleBits : bitsOf(batch.values[row]!);
      return { ...series(batch.ids[row]!), samples: [{ bits, timestamp: batch.timestamps[row]! }] };
    }),
    ...histograms.map(({ id, ...sample }) => ({ ...series(id), histograms: [sample] })),
    ...exemplars.map(({ id, labels, ...exemplar }) => ({
      ...series(id),
      exemplars: [{ labels: listed(labels), ...exemplar }],
    })),
  ];
}

function listed(labels: Labels): SentSeries["labels"] {
  return Array.from({ length: labels.length / 2 }, (_, at) => [labels[at * 2]!, labels[at * 2 + 1]!] as const);
}
