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

/**
 * The same entries from a sender that has them as UTF-8, as loki.source.file does. Once `forget` is called, its memory is
 * another batch's, and whoever asks for the lines only then gets the wrong ones.
 */
export function asUtf8(batch: LogBatch): { batch: LogBatch; forget: () => void } {
  const bytes = Buffer.from(batch.lines.map((line) => `${line}\n`).join(""));
  const lengths = batch.lines.map((line) => Buffer.byteLength(line));
  const starts = lengths.map((_, at) => lengths.slice(0, at).reduce((sum, length) => sum + length + 1, 0));
  const ends = starts.map((start, at) => start + lengths[at]!);
  return {
    batch: {
      ...{ ...batch, utf8: { bytes, starts, ends } },
      get lines() {
        return starts.map((start, at) => bytes.toString("utf8", start, ends[at]));
      },
    },
    forget: () => bytes.fill("x"),
  };
}

const start = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;
