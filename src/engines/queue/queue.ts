/**
 * A queue between what is collected and the endpoints it goes to. Blocks are appended once and read by each endpoint
 * at its own pace: a reader that is slow or stuck moves nobody's cursor but its own.
 *
 *     append ─►  │ 17 │ 18 │ 19 │ 20 │ 21 │
 *                  ▲              ▲
 *                  reader "a"     reader "b": peek gives 20, and again 20, until ack moves the cursor
 *
 * The bounds apply to the whole queue. What they drop is the oldest, counted for each reader that had not taken it; or
 * they drop only what is too old, and senders wait (see WhenFull).
 */
export interface Queue {
  /**
   * Memory for the payload of a block that will be appended. The queue takes it back when every reader is done with the
   * block, for another one.
   */
  allocate(length: number): Uint8Array;
  /** Resolves when the queue holds the block: this is the acknowledgement that senders wait for. Rejects only with `wait`. */
  append(block: Block): Promise<void>;
  /** The reader of this name, where it stood. A new one starts behind the last block. */
  reader(name: string): QueueReader;
  /** Forgets the readers that are not named; blocks that only they waited for go. */
  keepReaders(names: ReadonlySet<string>): void;
}

/** Exactly what goes on the wire, so that every attempt sends the same bytes. */
export interface Block {
  readonly payload: Uint8Array;
  /** Samples or log entries in it. */
  readonly records: number;
  /** Milliseconds since the epoch, of the oldest and the newest record. */
  readonly minTimestamp: number;
  readonly maxTimestamp: number;
  /** What the payload is, a number from 1 to 255 that has its meaning from whoever appends and sends; 1 if left out. */
  readonly kind?: number;
}

export interface QueuedBlock extends Block {
  /** Counts up; a number that is missing belongs to a block that was dropped. */
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
  /** On disk an estimate: the reader's share of the segment it is in. */
  readonly bytes: number;
  readonly records: number;
  /** How long the oldest block has been in the queue. */
  readonly oldestMs: number;
}

export interface QueueBounds {
  readonly maxBytes: number;
  /** How long a block may wait. */
  readonly maxAgeMs: number;
  /** Bytes of the file system that are left to others; undefined for the larger of 5 % and 512 MiB. */
  readonly minFree: number | undefined;
  /** `drop_oldest` if left out. */
  readonly whenFull?: WhenFull;
}

/**
 * What becomes of a new block when the bounds in bytes leave it no room, or the disk takes nothing. `drop_oldest`: it is
 * accepted, and the oldest go, for senders that cannot wait. `wait`: its sender waits, and nothing is accepted that is not
 * on disk or delivered, for senders that can read what they send once more.
 */
export type WhenFull = "drop_oldest" | "wait";

/**
 * When a block survives a power cut; it survives the end of the process in any case. `interval`: a second later at most.
 * `always`: before `append` resolves. `os`: when the kernel writes it.
 */
export type SyncPolicy = "interval" | "always" | "os";

export type DropReason =
  | "queue_full"
  | "too_old"
  /** It cannot be read back. */
  | "damaged"
  /** The disk could not be written, and memory was full. */
  | "disk_unavailable";

/** Called for each reader that loses records. */
export type OnDrop = (reader: string, reason: DropReason, records: number) => void;
