import { BufferPool } from "../../lib/buffer-pool.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import { QueueTime } from "./bounds.ts";
import { DiskReader } from "./disk-reader.ts";
import { Keeper } from "./keeper.ts";
import type { Block, OnDrop, Queue, QueueBounds, QueueReader, SyncPolicy } from "./queue.ts";
import type { Segment } from "./segment.ts";
import { Store } from "./store.ts";
import { Tail } from "./tail.ts";

export interface QueueSettings extends QueueBounds {
  readonly sync: SyncPolicy;
}

export interface DiskQueueOptions extends QueueSettings {
  readonly disk: Disk;
  /** Made when the queue starts. */
  readonly folder: string;
  readonly clock: Clock;
  /** Blocks that only memory holds while the disk cannot be written; more of them push out the oldest. 16 MiB if left out. */
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

/** Memory of blocks that are done with and kept for the next ones. */
const idleBytes = 2 ** 20;

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
  #settings: QueueSettings;

  constructor(options: DiskQueueOptions) {
    const { clock, folder, disk, random, onDrop, onDamage, onTrouble } = options;
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
      onTrouble,
      done: () => {
        this.#release();
        // There may be a log to read now, or none that can be waited for.
        this.#wakeReaders();
      },
    });
  }

  /** In bytes, on disk and in memory. */
  get size(): number {
    return (this.#store.log?.bytes ?? 0) + this.#tail.waitingBytes;
  }

  /** Files that the queue consists of. */
  get segments(): number {
    return this.#store.log?.segments.length ?? 0;
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
    const entry = this.#tail.push(block, this.#time.now());
    this.#wakeReaders();
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

  configure(settings: QueueSettings): void {
    this.#settings = settings;
    this.#keeper.poke();
  }

  /** Brings everything to the disk, and lets go of it; what it does not take within the time is dropped and counted. */
  async close(timeoutMs: number): Promise<void> {
    await this.#keeper.close(timeoutMs);
    for (const reader of this.#readers.values()) await reader.close();
    for (let lost = this.#tail.dropWaiting(); lost !== undefined; lost = this.#tail.dropWaiting()) {
      this.#countUnavailable(lost.sequence, lost.records);
      lost.accepted.resolve();
    }
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

  #release(): void {
    const cursors = [...this.#readers.values()].map(({ cursor }) => cursor.sequence);
    const wanted = Math.min(this.#tail.next.sequence, ...cursors);
    for (const { accepted } of this.#tail.evict(wanted, cacheBytes, this.#keeper.isDown)) accepted.resolve();
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
