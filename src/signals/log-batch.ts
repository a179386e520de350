import type { Labels } from "./labels.ts";

/**
 * Entries of one log stream, as columns: `lines` says how many there are. The label `__tenant_id__` of the stream names the
 * tenant, as in Loki's own agents; labels that begin with `__` end at loki.write.
 *
 * A receiver may hold the last entries of a batch back until it has seen the next ones (the lines of a stack trace), and
 * acknowledges the batch only then. So who sends goes on, within a bound, before the acknowledgement has come.
 */
export interface LogBatch {
  readonly stream: Labels;
  /** Nanoseconds since the epoch; they do not fit a double. */
  readonly timestamps: BigInt64Array;
  readonly lines: readonly string[];
  /** Structured metadata, entry by entry; left out where no entry has any. */
  readonly metadata?: readonly Labels[];
}
