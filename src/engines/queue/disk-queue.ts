import { BufferPool } from "../../lib/buffer-pool.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import { Admission } from "./admission.ts";
import { QueueTime } from "./bounds.ts";
import { DiskReader } from "./disk-reader.ts";
import { frameBytes } from "./frame.ts";
import { Keeper } from "./keeper.ts";
import type { Block, OnDrop, Queue, QueueBounds, QueueReader, SyncPolicy } from "./queue.ts";
import type { Segment } from "./segment.ts";
import { Store } from "./store.ts";
import { type Entry, Tail } from "./tail.ts";

export interface QueueSettings extends QueueBounds {
  readonly sync: SyncPolicy;
}

export interface DiskQueueOptions extends QueueSettings {
  readonly disk: Disk;
  /** Made when the queue starts. */
  readonly folder: string;
  readonly clock: Clock;
  /**
   * Blocks that only memory holds while the disk cannot be written; more of them push out the oldest, or wait. 16 MiB if
   * left out.
   */
  readonly memoryBytes?: number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onDrop: OnDrop;
  /** Called when the disk cannot be written, with why; undefined when it can again. */
  readonly onTrouble: (reason: string | undefined) => void;
  /** A file of the queue is damaged, or of an unknown version. */
  readonly onDamage: (path: string) => void;
  /** A reader cannot read; it tries again. */
  readonly onReadFailure: (error: unknown) => void;
}

const defaultMemoryBytes = 16 * 2 ** 20;

/** Of blocks that the disk holds, this much stays in memory for readers that keep up. */
const cacheBytes = 2 ** 20;

/** Memory of blocks that are done with, kept for the next ones: what 150,000 samples a second need from sync to sync. */
const idleBytes = 4 * 2 ** 20;

/**
 * The queue on disk: what it has accepted survives the process.
 *
 *     append ─► tail (memory) ─► store (disk)        keeper: when to write, sync, save cursors, try again
 *                 │                │
 *                 └─► readers ◄────┘                 those that keep up read memory, those that lag the disk
 */
export class DiskQueue implements Queue {
  readonly #options: DiskQueueOptions;
  readonly #time: QueueTime;
  readonly #memory = new BufferPool(idleBytes);
  readonly #tail = new Tail((payload) => this.#memory.give(payload));
  readonly #readers = new Map<string, DiskReader>();
  readonly #store: Store;
  readonly #keeper: Keeper;
  /** Only where senders wait. */
  readonly #admission: Admission | undefined;
  #settings: QueueSettings;

  constructor(options: DiskQueueOptions) {
    const { clock, folder, disk, random, onDrop, onDamage, onTrouble, whenFull } = options;
    this.#options = options;
    this.#settings = options;
    this.#time = new QueueTime(clock);
    this.#store = new Store({
      disk,
      folder,
      random,
      time: this.#time,
      tail: this.#tail,
      settings: () => this.#settings,
      readers: () => this.#readers,
      dropped: onDrop,
      quarantined: (names) => names.forEach(onDamage),
    });
    this.#keeper = new Keeper({
      clock,
      folder,
      store: this.#store,
      tail: this.#tail,
      acceptsIntoMemory: whenFull !== "wait",
      onTrouble,
      done: () => {
        this.#release();
        // There may be a log to read now, or none that can be waited for.
        this.#wakeReaders();
        this.#admission?.admitWaiting();
      },
    });
    if (whenFull === "wait") this.#admission = this.#newAdmission();
  }

  /** In bytes, on disk and in memory. */
  get size(): number {
    return (this.#store.log?.bytes ?? 0) + this.#tail.waitingBytes;
  }

  /** Files that the queue consists of. */
  get segments(): number {
    return this.#store.log?.segments.length ?? 0;
  }

  /** Blocks whose senders wait for room. */
  get waiting(): number {
    return this.#admission?.waiting ?? 0;
  }

  /** Whether the folder has been read. */
  get isOpen(): boolean {
    return this.#store.log !== undefined;
  }

  /** Of the first block that this process has appended; undefined until the folder has been read. */
  get firstOwn(): number | undefined {
    return this.#tail.firstOwn;
  }

  /** Opens the folder. The readers must be known: the cursors of others are deleted. */
  start(): void {
    this.#keeper.start();
  }

  allocate(length: number): Uint8Array {
    return this.#memory.take(length);
  }

  append(block: Block): Promise<void> {
    if (this.#admission !== undefined) return this.#admission.append(block);
    const entry = this.#push(block);
    if (this.#keeper.isDown) entry.accepted.resolve();
    this.#boundMemory();
    this.#keeper.poke();
    return entry.accepted.promise;
  }

  reader(name: string): QueueReader {
    const known = this.#readers.get(name);
    if (known !== undefined) return known;
    const created = this.#createReader(name);
    this.#readers.set(name, created);
    this.#keeper.poke();
    return created;
  }

  keepReaders(names: ReadonlySet<string>): void {
    for (const [name, reader] of this.#readers) {
      if (names.has(name)) continue;
      this.#readers.delete(name);
      // Its last attempt may be under way still.
      if (reader.held !== undefined) this.#memory.disown(reader.held.payload);
      // A file that was only read loses nothing when closing it fails, and the reader does not let it reject.
      void reader.close();
    }
    this.#keeper.forgetCursors();
  }

  /** `whenFull` stays what it was. */
  configure(settings: QueueSettings): void {
    this.#settings = settings;
    this.#keeper.poke();
  }

  /**
   * Brings everything to the disk, and lets go of it. What it does not take within the time is dropped and counted; where
   * senders wait, it is given back to them: their `append` rejects with a QueueClosedError.
   */
  async close(timeoutMs: number): Promise<void> {
    await this.#keeper.close(timeoutMs);
    for (const reader of this.#readers.values()) await reader.close();
    if (this.#admission !== undefined) {
      const closed = this.#admission.close();
      for (const { accepted } of this.#tail.unsafe) accepted.reject(closed);
      return;
    }
    for (let lost = this.#tail.dropWaiting(); lost !== undefined; lost = this.#tail.dropWaiting()) {
      this.#countUnavailable(lost.sequence, lost.records);
      lost.accepted.resolve();
    }
  }

  #push(block: Block): Entry {
    const entry = this.#tail.push(block, this.#time.now());
    this.#wakeReaders();
    return entry;
  }

  #newAdmission(): Admission {
    return new Admission({
      clock: this.#options.clock,
      hasRoom: (bytes) => this.#hasRoom(bytes),
      admit: (block) => {
        const { accepted } = this.#push(block);
        this.#keeper.poke();
        return accepted.promise;
      },
      look: () => this.#keeper.poke(),
    });
  }

  /** A block that is larger than a bound is let in by itself: what can never have room must not wait for ever. */
  #hasRoom(bytes: number): boolean {
    const { memoryBytes = defaultMemoryBytes } = this.#options;
    const unwritten = [...this.#tail.inState("writing"), ...this.#tail.inState("waiting")];
    const inMemory = unwritten.reduce((sum, { payload }) => sum + frameBytes(payload.length), 0);
    if (inMemory > 0 && inMemory + bytes > memoryBytes) return false;
    // Nobody knows yet how much of the room is taken.
    if (!this.isOpen && !this.#keeper.isDown) return false;
    if (this.#wanted >= this.#tail.next.sequence) return true;
    const size = (this.#store.log?.bytes ?? 0) + inMemory + frameBytes(bytes);
    return size <= this.#settings.maxBytes && this.#store.trimmer?.isSpaceShort !== true;
  }

  #createReader(name: string): DiskReader {
    const { disk, clock, onDrop, onDamage } = this.#options;
    return new DiskReader(this.#tail.next, {
      disk,
      clock,
      tail: this.#tail,
      log: () => this.#store.log,
      mayRead: () => this.#store.log !== undefined || this.#keeper.isDown,
      ageOf: (stamp) => this.#time.ageOf(stamp),
      isTooOld: (stamp) => this.#time.ageOf(stamp) > this.#settings.maxAgeMs,
      dropped: (reason, records) => onDrop(name, reason, records),
      damaged: ({ path }: Segment) => onDamage(path),
      cannotRead: this.#options.onReadFailure,
      moved: () => this.#keeper.noteMove(),
    });
  }

  #wakeReaders(): void {
    for (const reader of this.#readers.values()) reader.wake();
  }

  /** The first block that some reader is not done with. */
  get #wanted(): number {
    const cursors = [...this.#readers.values()].map(({ cursor }) => cursor.sequence);
    return Math.min(this.#tail.next.sequence, ...cursors);
  }

  #release(): void {
    if (this.#admission !== undefined && this.#keeper.isDown) this.#acceptDelivered();
    for (const { accepted } of this.#tail.evict(this.#wanted, cacheBytes, this.#keeper.isDown)) accepted.resolve();
  }

  /** What every reader has delivered needs no disk. */
  #acceptDelivered(): void {
    const wanted = this.#wanted;
    for (const { sequence, accepted } of this.#tail.unsafe) {
      if (sequence < wanted) accepted.resolve();
    }
  }

  #boundMemory(): void {
    const { memoryBytes = defaultMemoryBytes } = this.#options;
    if (this.#tail.waitingBytes > memoryBytes) this.#release();
    while (this.#tail.waitingBytes > memoryBytes) {
      const dropped = this.#tail.dropWaiting();
      if (dropped === undefined) return;
      this.#countUnavailable(dropped.sequence, dropped.records);
      dropped.accepted.resolve();
    }
  }

  #countUnavailable(sequence: number, records: number): void {
    for (const [name, reader] of this.#readers) {
      if (reader.wants(sequence)) this.#options.onDrop(name, "disk_unavailable", records);
    }
  }
}
