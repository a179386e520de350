import type { Labels } from "./labels.ts";

/**
 * Entries of one log stream, as columns: `timestamps` says how many there are. The label `__tenant_id__` of the stream names
 * the tenant, as in Loki's own agents; labels that begin with `__` end at loki.write.
 *
 * A receiver may hold the last entries of a batch back until it has seen the next ones (the lines of a stack trace), and
 * acknowledges the batch only then. So who sends goes on, within a bound, before the acknowledgement has come.
 */
export interface LogBatch {
  readonly stream: Labels;
  /** Nanoseconds since the epoch; they do not fit a double. */
  readonly timestamps: BigInt64Array;
  /** Where there is `utf8` too, they are decoded only once somebody asks for them. */
  readonly lines: readonly string[];
  /** The same lines, from a sender that has them so: a receiver that only passes them on needs no string for each. */
  readonly utf8?: Utf8Lines | undefined;
  /** Structured metadata, entry by entry; left out where no entry has any. */
  readonly metadata?: readonly Labels[] | undefined;
}

/** Line `n` goes from `starts[n]` to `ends[n]`. The memory is the sender's, who uses it again. */
export interface Utf8Lines {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The same entries with other labels. */
export function withStream(batch: LogBatch, stream: Labels): LogBatch {
  const { timestamps, utf8, metadata } = batch;
  return {
    ...{ stream, timestamps, utf8, metadata },
    get lines() {
      return batch.lines;
    },
  };
}
