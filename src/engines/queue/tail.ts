import type { Position } from "./cursor-file.ts";
import type { Frame } from "./frame.ts";
import type { Block, QueuedBlock } from "./queue.ts";

/** Of a block in memory, on its way to the disk. */
type EntryState =
  /** Only in memory. */
  | "waiting"
  /** In the hands of the disk: nobody else may let it go. */
  | "writing"
  /** Survives the process. */
  | "written"
  /** Survives the power, too. */
  | "durable";

export interface Entry extends Frame, QueuedBlock {
  // Known only when the log is open; until then they count from 1 and 0.
  sequence: number;
  recordsBefore: number;
  state: EntryState;
  readonly accepted: PromiseWithResolvers<void>;
}

/**
 * The newest blocks, in memory: those that the disk does not hold yet, and as many of the others as readers that keep up
 * need. It has every block from `start` on, apart from those that were dropped.
 *
 *     start                                     next
 *       │ durable │ durable │ written │ waiting │
 *         └ goes when it is too much             └ goes when the disk cannot be written and memory is full
 */
export class Tail {
  #entries: Entry[] = [];
  #start: Position = { sequence: 1, records: 0 };
  #next: Position = { sequence: 1, records: 0 };
  #waitingBytes = 0;
  #otherBytes = 0;
  #firstOwn: number | undefined;
  readonly #done: (payload: Uint8Array) => void;

  /** `done` is called with the payload of a block that is on disk and of which every reader is done. */
  constructor(done: (payload: Uint8Array) => void) {
    this.#done = done;
  }

  get start(): Position {
    return this.#start;
  }

  /** Of the first block that this process has appended; undefined until the log is open. */
  get firstOwn(): number | undefined {
    return this.#firstOwn;
  }

  /** Behind the last block. */
  get next(): Position {
    return this.#next;
  }

  /** Of the blocks that the disk does not hold. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  push(block: Block, appendedAt: number): Entry {
    const { sequence, records } = this.#next;
    const { payload, minTimestamp, maxTimestamp, kind = 1 } = block;
    const entry: Entry = {
      payload,
      records: block.records,
      minTimestamp,
      maxTimestamp,
      kind,
      sequence,
      recordsBefore: records,
      appendedAt,
      state: "waiting",
      accepted: Promise.withResolvers(),
    };
    this.#entries.push(entry);
    this.#waitingBytes += block.payload.length;
    this.#next = { sequence: sequence + 1, records: records + block.records };
    return entry;
  }

  /** Places everything behind the end of a log that has just been opened. */
  rebase(end: Position): void {
    const { sequence, records } = this.#start;
    const moved = (position: Position) => ({
      sequence: position.sequence - sequence + end.sequence,
      records: position.records - records + end.records,
    });
    for (const entry of this.#entries) {
      const to = moved({ sequence: entry.sequence, records: entry.recordsBefore });
      entry.sequence = to.sequence;
      entry.recordsBefore = to.records;
    }
    this.#next = moved(this.#next);
    this.#firstOwn ??= end.sequence;
    this.#start = end;
  }

  /** The first block at or behind that sequence. */
  from(sequence: number): Entry | undefined {
    return this.#entries[this.#indexOf(sequence)];
  }

  /** All of them, from that sequence on. */
  since(sequence: number): readonly Entry[] {
    return this.#entries.slice(this.#indexOf(sequence));
  }

  /** The oldest blocks without a gap between them that the disk does not hold, as one write takes them. */
  waiting(maxBytes: number, maxCount: number): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (const entry of this.#entries) {
      if (entry.state !== "waiting") continue;
      const last = batch.at(-1);
      if (last !== undefined && (entry.sequence !== last.sequence + 1 || bytes + entry.payload.length > maxBytes))
        break;
      if (batch.length === maxCount) break;
      batch.push(entry);
      bytes += entry.payload.length;
    }
    return batch;
  }

  mark(entries: readonly Entry[], state: EntryState): void {
    for (const entry of entries) {
      this.#count(entry, -1);
      entry.state = state;
      this.#count(entry, 1);
    }
  }

  /** Those that a power cut would take. */
  get unsafe(): Entry[] {
    return this.#entries.filter(({ state }) => state !== "durable");
  }

  /** In that state, oldest first. */
  inState(state: EntryState): Entry[] {
    return this.#entries.filter((entry) => entry.state === state);
  }

  /** Drops the oldest block that only memory holds; undefined where there is none. */
  dropWaiting(): Entry | undefined {
    const at = this.#entries.findIndex(({ state }) => state === "waiting");
    const [entry] = at < 0 ? [] : this.#entries.splice(at, 1);
    if (entry !== undefined) this.#count(entry, -1);
    return entry;
  }

  /**
   * Lets go of blocks that are durable: those before `wanted`, and older ones beyond `cacheBytes`. With `isDown` also of
   * others, once nobody wants them; these are returned.
   */
  evict(wanted: number, cacheBytes: number, isDown: boolean): Entry[] {
    const unsafe: Entry[] = [];
    for (let [oldest] = this.#entries; oldest !== undefined; [oldest] = this.#entries) {
      const isDone = oldest.sequence < wanted;
      const isUseless = oldest.state === "durable" && (isDone || this.#otherBytes > cacheBytes);
      if (!isUseless && !(isDown && isDone && oldest.state !== "writing")) break;
      // Its memory may be in use still: it may be written again at this moment.
      if (oldest.state !== "durable") unsafe.push(oldest);
      else if (isDone) this.#done(oldest.payload);
      this.#entries.shift();
      this.#count(oldest, -1);
      this.#start = { sequence: oldest.sequence + 1, records: oldest.recordsBefore + oldest.records };
    }
    return unsafe;
  }

  #count({ state, payload }: Entry, sign: 1 | -1): void {
    if (state === "waiting") this.#waitingBytes += sign * payload.length;
    else this.#otherBytes += sign * payload.length;
  }

  #indexOf(sequence: number): number {
    const found = this.#entries.findIndex((entry) => entry.sequence >= sequence);
    return found < 0 ? this.#entries.length : found;
  }
}
