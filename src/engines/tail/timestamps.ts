import type { Labels } from "../../signals/labels.ts";
import { labelsFrom } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { SplitLines } from "./line-splitter.ts";

/**
 * Times of reading, no two the same: Loki takes two equal lines of one time for one. Where a millisecond has more than a
 * million lines, or the wall clock steps back, they go on from the last one.
 */
export class Timestamps {
  #last = 0n;

  next(count: number, nowMs: number): BigInt64Array {
    const now = BigInt(nowMs) * 1_000_000n;
    const first = now > this.#last ? now : this.#last + 1n;
    const timestamps = new BigInt64Array(count);
    let next = first;
    for (let at = 0; at < count; at++) {
      timestamps[at] = next;
      // So wrapped, it is a machine word to the compiler, and no object for each line.
      next = BigInt.asIntN(64, next + 1n);
    }
    this.#last = next - 1n;
    return timestamps;
  }
}

const truncatedEntry = labelsFrom({ truncated: "true" });
const noMetadata: Labels = [];

/** An entry that is cut has `truncated="true"` as structured metadata: the next entry goes on with its line. */
export function linesBatch(stream: Labels, split: SplitLines, timestamps: Timestamps, nowMs: number): LogBatch {
  const { count, truncated, utf8 } = split;
  const batch = {
    ...{ stream, timestamps: timestamps.next(count, nowMs), utf8 },
    get lines() {
      return split.lines;
    },
  };
  if (truncated.length === 0) return batch;
  const cut = new Set(truncated);
  return { ...batch, metadata: batch.lines.map((_, at) => (cut.has(at) ? truncatedEntry : noMetadata)) };
}
