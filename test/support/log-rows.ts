import { type Labels, labelsFrom } from "../../src/signals/labels.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";

/** A line, or one with its time in nanoseconds, and its structured metadata. */
export type LogRow = string | readonly [timestamp: bigint, line: string, metadata?: Readonly<Record<string, string>>];

/** Entries of one stream; those without a time are of the first nanoseconds of 2026, one after the other. */
export function logRows(stream: Readonly<Record<string, string>>, ...rows: readonly LogRow[]): LogBatch {
  const entries = rows.map((row, at) => (typeof row === "string" ? ([start + BigInt(at), row] as const) : row));
  const metadata: Labels[] = entries.map(([, , pairs = {}]) => labelsFrom(pairs));
  return {
    stream: labelsFrom(stream),
    timestamps: BigInt64Array.from(entries.map(([timestamp]) => timestamp)),
    lines: entries.map(([, line]) => line),
    ...(metadata.some(({ length }) => length > 0) && { metadata }),
  };
}

const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
