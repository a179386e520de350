import type { Clock } from "../../lib/clock.ts";
import type { Backlog, Block, DropReason, OnDrop, Queue, QueueBounds, QueuedBlock, QueueReader } from "./queue.ts";

export interface MemoryQueueOptions extends QueueBounds {
  readonly clock: Clock;
  readonly onDrop: OnDrop;
}

interface Entry extends QueuedBlock {
  /** On the monotonic clock: a jump of the wall clock must not make everything old. */
  readonly appendedAt: number;
}

/** The queue in memory: what it holds is lost with the process. */
export class MemoryQueue implements Queue {
  readonly #clock: Clock;
  readonly #onDrop: OnDrop;
  readonly #readers = new Map<string, Reader>();
  #bounds: QueueBounds;
  /** Sequences without a gap; each is still wanted by some reader. */
  #entries: Entry[] = [];
  #size = 0;
  #nextSequence = 1;

  constructor({ clock, onDrop, ...bounds }: MemoryQueueOptions) {
    this.#clock = clock;
    this.#onDrop = onDrop;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#size;
  }

  append(block: Block): Promise<void> {
    const sequence = this.#nextSequence++;
    this.#entries.push({ ...block, sequence, appendedAt: this.#clock.monotonic() });
    this.#size += block.payload.length;
    this.#enforceBounds();
    for (const reader of this.#readers.values()) reader.wake();
    this.#release();
    return Promise.resolve();
  }

  reader(name: string): QueueReader {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const created = new Reader(this.#nextSequence, {
      at: (sequence) => this.#entries[sequence - this.#firstSequence],
      from: (sequence) => this.#entries.slice(Math.max(0, sequence - this.#firstSequence)),
      isTooOld: (entry) => this.#isTooOld(entry),
      dropped: (entry) => this.#onDrop(name, "too_old", entry),
      moved: () => this.#release(),
      now: () => this.#clock.monotonic(),
    });
    this.#readers.set(name, created);
    return created;
  }

  keepReaders(names: ReadonlySet<string>): void {
    for (const name of this.#readers.keys()) if (!names.has(name)) this.#readers.delete(name);
    this.#release();
  }

  setBounds(bounds: QueueBounds): void {
    this.#bounds = bounds;
    this.#enforceBounds();
  }

  get #firstSequence(): number {
    return this.#nextSequence - this.#entries.length;
  }

  #isTooOld(entry: Entry): boolean {
    return this.#clock.monotonic() - entry.appendedAt > this.#bounds.maxAgeMs;
  }

  /** The newest block stays, however large: a bound that holds nothing at all would help nobody. */
  #enforceBounds(): void {
    for (let oldest = this.#entries[0]; oldest !== undefined; oldest = this.#entries[0]) {
      if (this.#isTooOld(oldest)) this.#dropOldest(oldest, "too_old");
      else if (this.#size > this.#bounds.maxBytes && this.#entries.length > 1) this.#dropOldest(oldest, "queue_full");
      else return;
    }
  }

  #dropOldest(entry: Entry, reason: DropReason): void {
    this.#removeOldest();
    for (const [name, reader] of this.#readers) if (reader.skip(entry.sequence)) this.#onDrop(name, reason, entry);
  }

  /** Lets go of the blocks that every reader is done with. */
  #release(): void {
    const wanted = Math.min(this.#nextSequence, ...[...this.#readers.values()].map(({ cursor }) => cursor));
    while (this.#firstSequence < wanted) this.#removeOldest();
  }

  #removeOldest(): void {
    this.#size -= this.#entries.shift()?.payload.length ?? 0;
  }
}

/** What a reader needs of its queue. */
interface Log {
  at(sequence: number): Entry | undefined;
  from(sequence: number): readonly Entry[];
  isTooOld(entry: Entry): boolean;
  dropped(entry: Entry): void;
  moved(): void;
  now(): number;
}

class Reader implements QueueReader {
  readonly #log: Log;
  #cursor: number;
  /** The block in the reader's hands, which the log may have dropped meanwhile. */
  #held: Entry | undefined;
  #wake: () => void = () => {};

  constructor(cursor: number, log: Log) {
    this.#cursor = cursor;
    this.#log = log;
  }

  /** The first sequence that is still wanted, apart from the one that is held. */
  get cursor(): number {
    return this.#cursor;
  }

  async peek(stop: AbortSignal): Promise<QueuedBlock | undefined> {
    for (;;) {
      const block = this.#oldest();
      if (block !== undefined || stop.aborted) return block;
      await this.#appended(stop);
    }
  }

  ack(sequence: number): void {
    if (this.#held?.sequence !== sequence) return;
    this.#held = undefined;
    this.#log.moved();
  }

  backlog(): Backlog {
    const waiting = this.#log.from(this.#cursor);
    const blocks = this.#held === undefined ? waiting : [this.#held, ...waiting];
    return {
      blocks: blocks.length,
      bytes: blocks.reduce((sum, { payload }) => sum + payload.length, 0),
      records: blocks.reduce((sum, { records }) => sum + records, 0),
      oldestMs: blocks[0] === undefined ? 0 : this.#log.now() - blocks[0].appendedAt,
    };
  }

  wake(): void {
    this.#wake();
  }

  /** Moves past a block that the log drops; false when the reader does not lose it. */
  skip(sequence: number): boolean {
    if (sequence < this.#cursor) return false;
    this.#cursor = sequence + 1;
    return true;
  }

  /** Resolves with the next append, or when `stop` aborts. */
  #appended(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        stop.removeEventListener("abort", this.#wake);
        resolve();
      };
      stop.addEventListener("abort", this.#wake);
    });
  }

  #oldest(): Entry | undefined {
    for (;;) {
      const entry = this.#held ?? this.#take();
      if (entry === undefined || !this.#log.isTooOld(entry)) return entry;
      this.#held = undefined;
      this.#log.dropped(entry);
      this.#log.moved();
    }
  }

  #take(): Entry | undefined {
    const entry = this.#log.at(this.#cursor);
    if (entry === undefined) return undefined;
    this.#cursor++;
    this.#held = entry;
    this.#log.moved();
    return entry;
  }
}
