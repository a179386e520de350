/** Counters of one component; they outlive its restarts and reloads. */
export interface NodeStats {
  receivedBatches: number;
  receivedRecords: number;
  sentBatches: number;
  sentRecords: number;
  /** Time spent inside `receive`, until its promise settled; seconds. */
  receiveSeconds: number;
  restarts: number;
  /** Records sent by this component that a receiver did not take. */
  readonly dropped: Map<DropReason, number>;
}

/** `receiver_failed`: it rejected the batch. `not_running`: it failed and waits for its restart. */
export type DropReason = "receiver_failed" | "not_running";

export function newNodeStats(): NodeStats {
  return {
    receivedBatches: 0,
    receivedRecords: 0,
    sentBatches: 0,
    sentRecords: 0,
    receiveSeconds: 0,
    restarts: 0,
    dropped: new Map(),
  };
}

export function addDropped(dropped: Map<DropReason, number>, reason: DropReason, records: number): void {
  dropped.set(reason, (dropped.get(reason) ?? 0) + records);
}
