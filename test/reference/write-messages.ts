import protobuf from "protobufjs";
import type { NativeHistogram } from "../../src/signals/native-histogram.ts";
import type { SentSeries } from "./remote-write.ts";

/** Both messages of remote write as prometheus/prompb describes them, written by protobufjs. */
const samples = `
  message Sample { fixed64 value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    fixed64 sum = 3; sint32 schema = 4; double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
    int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
    int64 start_timestamp = 17;
  }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }`;

const v1 = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
  message MetricMetadata { int32 type = 1; string metric_family_name = 2; string help = 4; string unit = 5; }
  message TimeSeries {
    repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3;
    repeated Histogram histograms = 4;
  }
  message Label { string name = 1; string value = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
  ${samples}`).root;

const v2 = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
  message TimeSeries {
    repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
    repeated Exemplar exemplars = 4; Metadata metadata = 5; int64 created_timestamp = 6;
  }
  message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
  message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
  ${samples}`).root;

/** The bits of a histogram's sum may be given, to make it a stale marker. */
export type WrittenSeries = Omit<SentSeries, "histograms"> & {
  readonly histograms: readonly {
    readonly histogram: NativeHistogram;
    readonly timestamp: number;
    readonly sumBits?: bigint;
  }[];
};

export function writeRequestV1(series: readonly WrittenSeries[]): Buffer {
  const label = ([name, value]: readonly [string, string]) => ({ name, value });
  return encoded(v1, "WriteRequest", {
    timeseries: series.map(({ labels, exemplars, ...rest }) => ({
      labels: labels.map(label),
      exemplars: exemplars.map(({ labels, value, timestamp }) => ({ labels: labels.map(label), value, timestamp })),
      ...records(rest),
    })),
    metadata: [{ type: 1, metricFamilyName: "a", help: "Of a family.", unit: "bytes" }],
  });
}

export function writeRequestV2(series: readonly WrittenSeries[]): Buffer {
  const symbols = [""];
  const ref = (text: string) => {
    const known = symbols.indexOf(text);
    return known >= 0 ? known : symbols.push(text) - 1;
  };
  const timeseries = series.map(({ labels, exemplars, ...rest }) => ({
    labelsRefs: labels.flat().map(ref),
    exemplars: exemplars.map(({ labels, value, timestamp }) => ({
      labelsRefs: labels.flat().map(ref),
      value,
      timestamp,
    })),
    metadata: { type: 1, helpRef: ref("Of a series.") },
    createdTimestamp: 1,
    ...records(rest),
  }));
  return encoded(v2, "Request", { symbols, timeseries });
}

/** A Request as it is given: for what no sender should send. */
export function rawRequestV2(request: object): Buffer {
  return encoded(v2, "Request", request);
}

function records({ samples, histograms }: Pick<WrittenSeries, "samples" | "histograms">): object {
  return {
    samples: samples.map(({ bits, timestamp }) => ({ value: bits.toString(), timestamp })),
    histograms: histograms.map(({ histogram, timestamp, sumBits }) => ({
      ...histogramFields(histogram),
      sum: (sumBits ?? bitsOf(histogram.sum)).toString(),
      timestamp,
    })),
  };
}

function histogramFields(histogram: NativeHistogram): object {
  const { schema, zeroThreshold, positiveSpans, negativeSpans, isGauge, customValues = [] } = histogram;
  const fields = { schema, zeroThreshold, positiveSpans, negativeSpans, resetHint: isGauge ? 3 : 0, customValues };
  if (histogram.kind === "float") {
    const { count, zeroCount, positiveCounts, negativeCounts } = histogram;
    return { ...fields, countFloat: count, zeroCountFloat: zeroCount, positiveCounts, negativeCounts };
  }
  return {
    ...fields,
    countInt: histogram.count.toString(),
    zeroCountInt: histogram.zeroCount.toString(),
    positiveDeltas: histogram.positiveDeltas.map(String),
    negativeDeltas: histogram.negativeDeltas.map(String),
  };
}

function bitsOf(value: number): bigint {
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

function encoded(root: protobuf.Root, name: string, message: object): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.fromObject(message as Record<string, unknown>)).finish());
}
