import type { Labels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";

export interface LogEntry {
  readonly stream: Labels;
  /** Nanoseconds since the epoch. */
  readonly timestamp: bigint;
  readonly line: string;
}

/** Entries as batches, one a stream; within a stream the order stays. */
export function byStream(entries: readonly LogEntry[]): LogBatch[] {
  // JSON, because no separator is safe: a label value may be any text.
  const streams = Map.groupBy(entries, ({ stream }) => JSON.stringify(stream));
  return [...streams.values()].map((entries) => ({
    stream: entries[0]?.stream ?? [],
    timestamps: BigInt64Array.from(entries, ({ timestamp }) => timestamp),
    lines: entries.map(({ line }) => line),
  }));
}
