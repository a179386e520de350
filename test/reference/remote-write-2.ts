import { isUtf8 } from "node:buffer";
import protobuf from "protobufjs";
import { type DecodedHistogram, type Long, nativeHistogram, type SentSeries } from "./remote-write.ts";

/** What remote write 2.0 puts on the wire, as prompb/io/prometheus/write/v2 describes it, through protobufjs. */
const request = protobuf
  .parse(`
  syntax = "proto3";
  message Request { repeated bytes symbols = 4; repeated TimeSeries timeseries = 5; }
  message TimeSeries {
    repeated uint32 labels_refs = 1; repeated Sample samples = 2; repeated Histogram histograms = 3;
    repeated Exemplar exemplars = 4; Metadata metadata = 5;
  }
  message Metadata { int32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
  message Sample { fixed64 value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
  message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3; sint32 schema = 4; double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
    int32 reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
    int64 start_timestamp = 17;
  }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
`)
  .root.lookupType("Request");

export interface SentMetadata {
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

export type SentSeries2 = SentSeries & { readonly metadata: SentMetadata | undefined };

interface Decoded {
  readonly symbols: Uint8Array[];
  readonly timeseries: {
    readonly labelsRefs: number[];
    readonly samples: { readonly value: Long; readonly timestamp: Long; readonly startTimestamp: Long }[];
    readonly exemplars: { readonly labelsRefs: number[]; readonly value: number; readonly timestamp: Long }[];
    readonly histograms: DecodedHistogram[];
    readonly metadata: { readonly type: number; readonly helpRef: number; readonly unitRef: number } | null;
  }[];
}

/** Throws for what the specification forbids a sender: a symbol that is missing, comes twice or is no text. */
export function decodeRequest(message: Uint8Array): SentSeries2[] {
  const { symbols: bytes, timeseries } = request.decode(message) as unknown as Decoded;
  const symbols = bytes.map((each) => Buffer.from(each));
  check(symbols[0]?.length === 0, "the first symbol is not empty");
  check(
    symbols.every((each) => isUtf8(each)),
    "a symbol is not valid UTF-8",
  );
  check(new Set(symbols.map(String)).size === symbols.length, "a symbol comes twice");
  const text = (ref: number): string => {
    check(ref < symbols.length, `there is no symbol ${ref}`);
    return symbols[ref]!.toString();
  };
  const labels = (refs: readonly number[]): SentSeries["labels"] => {
    check(refs.length % 2 === 0, "a label has no value");
    return Array.from({ length: refs.length / 2 }, (_, at) => [text(refs[at * 2]!), text(refs[at * 2 + 1]!)] as const);
  };
  return timeseries.map(({ labelsRefs, samples, exemplars, histograms, metadata }) => ({
    labels: labels(labelsRefs),
    samples: samples.map(({ value, timestamp, startTimestamp }) => ({
      bits: BigInt(value.toString()),
      timestamp: Number(timestamp.toString()),
      ...(Number(startTimestamp.toString()) !== 0 && { startTimestamp: Number(startTimestamp.toString()) }),
    })),
    histograms: histograms.map((histogram) => ({
      histogram: nativeHistogram(histogram),
      timestamp: Number(histogram.timestamp.toString()),
      ...(histogram.startTimestamp && Number(histogram.startTimestamp.toString()) !== 0
        ? { startTimestamp: Number(histogram.startTimestamp.toString()) }
        : {}),
    })),
    exemplars: exemplars.map((exemplar) => ({
      labels: labels(exemplar.labelsRefs),
      value: exemplar.value,
      timestamp: Number(exemplar.timestamp.toString()),
    })),
    metadata: metadata
      ? { type: metadata.type, help: text(metadata.helpRef), unit: text(metadata.unitRef) }
      : undefined,
  }));
}

function check(holds: boolean, mistake: string): void {
  if (!holds) throw new Error(mistake);
}
