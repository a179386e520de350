import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { QueueView } from "../../signals/queue-view.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { DiskQueue, type QueueSettings } from "./disk-queue.ts";
import { LogBatcher, type LogBatchingOptions, type LogDropReason } from "./log-batcher.ts";
import type { Backlog, DropReason, QueueReader } from "./queue.ts";

export interface LogQueueSettings {
  /** The names of those that read. */
  readonly endpoints: readonly string[];
  readonly batching: LogBatchingOptions;
  readonly queue: Omit<QueueSettings, "whenFull">;
}

export interface LogQueueOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onDrop: (endpoint: string, reason: DropReason | LogDropReason, entries: number) => void;
  /** Called when the disk cannot be written, with why; undefined when it can again. */
  readonly onTrouble: (reason: string | undefined) => void;
  readonly onDamage: (path: string) => void;
  readonly onReadFailure: (error: unknown) => void;
}

/**
 * The queue of a component that sends logs: one log on disk, which each endpoint reads at its own pace. Where it is full
 * or the disk takes nothing, senders wait: what logs come from keeps them meanwhile.
 *
 *     batch ─► batcher ─► queue ─► endpoint a
 *                              └─► endpoint b
 */
export class LogQueue implements Receiver<"logs"> {
  readonly #queue: DiskQueue;
  readonly #batcher: LogBatcher;
  #settings: LogQueueSettings;

  constructor(settings: LogQueueSettings, options: LogQueueOptions) {
    const { onDrop, clock } = options;
    this.#settings = settings;
    this.#queue = new DiskQueue({ ...options, ...settings.queue, whenFull: "wait" });
    this.#batcher = new LogBatcher({
      ...settings.batching,
      queue: this.#queue,
      clock,
      onDrop: (reason, entries) => {
        for (const endpoint of this.#settings.endpoints) onDrop(endpoint, reason, entries);
      },
    });
    for (const endpoint of settings.endpoints) this.#queue.reader(endpoint);
  }

  /** In bytes, on disk and in memory. */
  get size(): number {
    return this.#queue.size;
  }

  /** Requests whose senders wait for room. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  view(): Omit<QueueView, "trouble" | "endpoints"> {
    return { bytes: this.size, segments: this.#queue.segments, batching: this.#batcher.pending };
  }

  receive(batch: LogBatch): Promise<void> {
    return this.#batcher.receive(batch);
  }

  /** Appends what was gathered so far; resolves when it is in the queue, which may have no room for long. */
  flush(): Promise<void> {
    return this.#batcher.flush();
  }

  /** Opens the folder. */
  start(): void {
    this.#queue.start();
  }

  /** Where the endpoint reads. */
  source(endpoint: string): QueueReader {
    return this.#queue.reader(endpoint);
  }

  backlog(endpoint: string): Backlog {
    return this.source(endpoint).backlog();
  }

  /** Endpoints that are new begin behind what there is; those that are gone leave nothing behind. */
  update(settings: LogQueueSettings): void {
    this.#settings = settings;
    this.#batcher.update(settings.batching);
    this.#queue.configure({ ...settings.queue, whenFull: "wait" });
    for (const endpoint of settings.endpoints) this.#queue.reader(endpoint);
    this.#queue.keepReaders(new Set(settings.endpoints));
  }

  /**
   * Brings to the disk what was accepted, and lets go of it. What it has no room for within the time is given back: its
   * `receive` rejects.
   */
  async close(timeoutMs: number): Promise<void> {
    void this.#batcher.flush();
    await this.#queue.close(timeoutMs);
  }
}
