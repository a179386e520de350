/**
 * A queue between what is collected and the endpoints it goes to. Blocks are appended once and read by each endpoint
 * at its own pace: a reader that is slow or stuck moves nobody's cursor but its own.
 *
 *     append ─►  │ 17 │ 18 │ 19 │ 20 │ 21 │
 *                  ▲              ▲
 *                  reader "a"     reader "b": peek gives 20, and again 20, until ack moves the cursor
 *
 * The bounds apply to the whole queue. What they drop is the oldest block, counted for each reader that had not
 * acknowledged it.
 */
export interface Queue {
  /** Resolves when the queue holds the block: this is the acknowledgement that senders wait for. */
  append(block: Block): Promise<void>;
  /** The reader of this name, where it stood. A new one starts behind the last block. */
  reader(name: string): QueueReader;
  /** Forgets the readers that are not named; blocks that only they waited for go. */
  keepReaders(names: ReadonlySet<string>): void;
  setBounds(bounds: QueueBounds): void;
  /** Of the blocks that some reader has not peeked yet, in bytes: what the bounds apply to. */
  readonly size: number;
}

/** Exactly what goes on the wire, so that every attempt sends the same bytes. */
export interface Block {
  readonly payload: Uint8Array;
  /** Samples or log entries in it. */
  readonly records: number;
  /** Milliseconds since the epoch, of the oldest and the newest record. */
  readonly minTimestamp: number;
  readonly maxTimestamp: number;
}

export interface QueuedBlock extends Block {
  /** Counts up by one with each block. */
  readonly sequence: number;
}

export interface QueueReader {
  /**
   * The oldest block that is not acknowledged. Waits for one; undefined when `stop` aborts and there is none. What was
   * peeked is in the reader's hands: the size bound does not drop it, and its age is looked at only by the next peek.
   */
  peek(stop: AbortSignal): Promise<QueuedBlock | undefined>;
  /** The peeked block is done with: delivered, or given up and counted by the caller. */
  ack(sequence: number): void;
  backlog(): Backlog;
}

/** What a reader has not acknowledged. */
export interface Backlog {
  readonly blocks: number;
  readonly bytes: number;
  readonly records: number;
  /** How long the oldest block has been in the queue. */
  readonly oldestMs: number;
}

export interface QueueBounds {
  readonly maxBytes: number;
  /** How long a block may wait. */
  readonly maxAgeMs: number;
}

export type DropReason = "queue_full" | "too_old";

/** Called for each reader that loses a block to a bound. */
export type OnDrop = (reader: string, reason: DropReason, block: QueuedBlock) => void;
