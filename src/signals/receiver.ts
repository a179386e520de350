import type { LogBatch } from "./log-batch.ts";
import type { MetricBatch } from "./metric-batch.ts";
import type { TargetGroup } from "./targets.ts";

/** What flows along the edges of the graph. */
export interface Signals {
  /** State: each value is the sender's whole current set and replaces the last one. */
  targets: readonly TargetGroup[];
  /** A stream of column batches, each of one target. */
  metrics: MetricBatch;
  /** A stream of entries, each batch of one log stream. */
  logs: LogBatch;
}

export type Signal = keyof Signals;

/**
 * The promise is the acknowledgement: it resolves when the batch is safe with the receiver (for targets: when the set
 * is swapped) and rejects when it is not. There is no other ack. A receiver never waits for the network here, only
 * for its own queue, and it copies what it needs before its first `await`: the sender may then reuse the arrays.
 */
export interface Receiver<S extends Signal> {
  receive(batch: Signals[S]): Promise<void>;
}
