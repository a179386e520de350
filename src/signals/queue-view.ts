/** What a component has not delivered yet. Plain JSON, no secrets. */
export interface QueueView {
  /** On disk and in memory. */
  readonly bytes: number;
  /** Files on disk. */
  readonly segments: number;
  /** Why the disk cannot be written; empty while it can. */
  readonly trouble: string;
  /** Records in blocks that are still being filled. */
  readonly batching: number;
  readonly endpoints: readonly EndpointView[];
}

/** Where an endpoint stands in its component's queue. */
export interface EndpointView {
  readonly name: string;
  /** Without what may be secret in it. */
  readonly url: string;
  /** Why it takes nothing; empty while it is well, and in the first minute in which it is not. */
  readonly unhealthy: string;
  /** RFC 3339; empty where there was none. */
  readonly lastDelivery: string;
  readonly lastError: string;
  /** What waits for it. */
  readonly blocks: number;
  /** On disk an estimate. */
  readonly bytes: number;
  /** Samples, or log entries. */
  readonly records: number;
  readonly oldestSeconds: number;
}
