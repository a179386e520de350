import type { Labels } from "./labels.ts";

/** Entries of one log stream, as columns. */
export interface LogBatch {
  readonly stream: Labels;
  /** Nanoseconds since the epoch; they do not fit a double. */
  readonly timestamps: BigInt64Array;
  readonly lines: readonly string[];
}
