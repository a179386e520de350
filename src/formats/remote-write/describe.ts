import { formatGoFloat } from "../../lib/go-float.ts";
import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { labelRecord } from "../../signals/labels.ts";
import type { ProtobufMessage } from "./decode.ts";
import { isStaleMarker } from "./decode-histogram.ts";
import { readBlock } from "./wire-message.ts";

/** A series of a block, for people: what is in it as plain JSON. */
export interface DescribedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Time in milliseconds, and the value as Prometheus writes it; "stale" for the marker. */
  readonly samples: readonly (readonly [timestamp: number, value: string])[];
  readonly histograms?: number;
  readonly exemplars?: number;
}

export function describeBlock(payload: Uint8Array, message: ProtobufMessage): DescribedSeries[] {
  return readBlock(payload, message).map(({ labels, samples, histograms, exemplars }) => ({
    labels: labelRecord(labels),
    samples: samples.map(describeSample),
    ...(histograms.length > 0 && { histograms: histograms.length }),
    ...(exemplars.length > 0 && { exemplars: exemplars.length }),
  }));
}

function describeSample(fields: Uint8Array): [number, string] {
  const bytes = Buffer.from(fields);
  const wire = new WireReader();
  wire.open(bytes, viewOf(bytes), 0, bytes.length);
  let timestamp = 0;
  let value = "0";
  while (wire.next()) {
    if (wire.field === 1) {
      const number = wire.double();
      value = isStaleMarker(wire, number) ? "stale" : formatGoFloat(number);
    } else if (wire.field === 2) timestamp = wire.int64AsNumber();
    else wire.skip();
  }
  return [timestamp, value];
}
