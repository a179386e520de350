import { labelRecord } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";

/** A stream of a block, for people: what is in it as plain JSON. */
export interface DescribedStream {
  readonly stream: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, the line and, where there is any, its structured metadata: as in Loki's JSON. */
  readonly values: readonly (readonly [timestamp: string, line: string, metadata?: Readonly<Record<string, string>>])[];
}

export function describeStreams(batches: readonly LogBatch[]): DescribedStream[] {
  return batches.map(({ stream, timestamps, lines, metadata }) => ({
    stream: labelRecord(stream),
    values: lines.map((line, at) => {
      const labels = metadata?.[at] ?? [];
      const timestamp = String(timestamps[at]);
      return labels.length === 0 ? [timestamp, line] : [timestamp, line, labelRecord(labels)];
    }),
  }));
}
