import protobuf from "protobufjs";
import { type Labels, labelRecord, labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";

/** What remote write 1.0 puts on the wire, as prometheus/prompb describes it, through protobufjs. */
const root = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { fixed64 value = 1; int64 timestamp = 2; }
`).root;

const writeRequest = root.lookupType("WriteRequest");

/** One series of a request. The value is its 64 bits: a number would lose the payload of a NaN. */
export interface SentSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly bits: bigint; readonly timestamp: number }[];
}

export const staleBits = 0x7ff0_0000_0000_0002n;
export const nanBits = 0x7ff8_0000_0000_0001n;

function bitsOf(value: number): bigint {
  if (Number.isNaN(value)) return nanBits;
  return new BigUint64Array(Float64Array.of(value).buffer)[0]!;
}

interface Long {
  toString(): string;
}

export function decodeWriteRequest(message: Uint8Array): SentSeries[] {
  const decoded = writeRequest.decode(message) as unknown as {
    timeseries: {
      labels: { name: string; value: string }[];
      samples: { value: Long; timestamp: Long }[];
    }[];
  };
  return decoded.timeseries.map(({ labels, samples }) => ({
    labels: labels.map(({ name, value }) => [name, value] as const),
    samples: samples.map(({ value, timestamp }) => ({
      bits: BigInt(value.toString()),
      timestamp: Number(timestamp.toString()),
    })),
  }));
}

/** The slow twin of the encoder: what a receiver must find in the message for these rows. */
export function expectedSeries(batch: MetricBatch, externalLabels: Labels): SentSeries[] {
  return Array.from({ length: batch.length }, (_, row) => {
    const labels = labelsFrom({ ...labelRecord(externalLabels), ...labelRecord(batch.series.labels(batch.ids[row]!)) });
    const bits = row >= batch.staleFrom ? staleBits : bitsOf(batch.values[row]!);
    return {
      labels: Array.from({ length: labels.length / 2 }, (_, at) => [labels[at * 2]!, labels[at * 2 + 1]!] as const),
      samples: [{ bits, timestamp: batch.timestamps[row]! }],
    };
  });
}
