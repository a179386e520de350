import type { Disk } from "../../lib/disk.ts";
import { bug } from "../../lib/errors.ts";
import { type QueueTime, segmentAgeMs, segmentBytes } from "./bounds.ts";
import type { Position } from "./cursor-file.ts";
import { Cursors } from "./cursors.ts";
import type { DropReason, QueueBounds, SyncPolicy } from "./queue.ts";
import { type Recovered, recover } from "./recovery.ts";
import { isDiskFull, SegmentLog } from "./segment-log.ts";
import { placeReaders, type StoredReader } from "./stored-reader.ts";
import type { Entry, Tail } from "./tail.ts";
import { Trimmer } from "./trimmer.ts";
import { FolderInUseError } from "./trouble.ts";

export interface StoreOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly time: QueueTime;
  /** In [0, 1). */
  readonly random: () => number;
  readonly tail: Tail;
  /** May change while it runs. */
  readonly settings: () => QueueBounds & { readonly sync: SyncPolicy };
  readonly readers: () => ReadonlyMap<string, StoredReader>;
  readonly dropped: (reader: string, reason: DropReason, records: number) => void;
  readonly quarantined: (names: readonly string[]) => void;
}

/** So much is written without a sync at most: it stays in memory until it is durable. */
const unsyncedBytes = 4 * 2 ** 20;

const writeBytes = 2 ** 20;

/** writev(2) takes 1024 pieces, and a frame has up to three. */
const writeFrames = 256;

/** What the queue does on its disk, step by step. One step at a time; a step that fails leaves everything as it can be tried again. */
export class Store {
  readonly #options: StoreOptions;
  #unlock: (() => Promise<void>) | undefined;
  #log: SegmentLog | undefined;
  #trimmer: Trimmer | undefined;
  #cursors: Cursors | undefined;
  #wasOpen = false;
  #unsynced = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  get log(): SegmentLog | undefined {
    return this.#log;
  }

  /** Undefined as long as the log is. */
  get trimmer(): Trimmer | undefined {
    return this.#trimmer;
  }

  /** Whether a power cut would take something back that was written, by this process or the one before. */
  get isUnsynced(): boolean {
    return this.#unsynced > 0 || (this.#syncs && this.#log?.isUnsure === true);
  }

  async open(): Promise<void> {
    const { disk, folder, random, quarantined } = this.#options;
    await disk.makeFolder(folder);
    this.#unlock ??= await disk.lock(folder);
    if (this.#unlock === undefined) throw new FolderInUseError("another process uses it");
    const recovered = await recover(disk, folder, () =>
      Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256))),
    );
    quarantined(recovered.quarantined);
    const cursors = new Cursors(disk, folder, recovered.identity.seed);
    try {
      await this.#restore(recovered, cursors);
    } catch (error) {
      await cursors.close();
      throw error;
    }
    await this.saveCursors();
    await this.keepCursors();
    if (this.#syncs) await disk.syncFolder(folder);
  }

  /** Whether somebody has deleted the files; the next `open` begins anew with what memory holds. */
  async wasDeleted(): Promise<boolean> {
    if (!(await this.#log?.isDeleted())) return false;
    const { tail } = this.#options;
    tail.mark([...tail.inState("written"), ...tail.inState("durable")], "waiting");
    await this.#closeFiles();
    return true;
  }

  async writeWaiting(): Promise<void> {
    const { tail, settings } = this.#options;
    await this.#writeAgain();
    for (;;) {
      const batch = tail.waiting(writeBytes, writeFrames);
      if (batch.length === 0) return;
      tail.mark(batch, "writing");
      await this.#write(batch);
      tail.mark(batch, this.#syncs ? "written" : "durable");
      const { sync } = settings();
      if (this.#syncs) this.#unsynced += batch.reduce((sum, { payload }) => sum + payload.length, 0);
      if (sync !== "always") for (const { accepted } of batch) accepted.resolve();
      if (sync === "always" || this.#unsynced >= unsyncedBytes) await this.sync();
    }
  }

  /** Where it fails, what was written stays in memory, and is written again before anything else. */
  async sync(): Promise<void> {
    const { tail } = this.#options;
    if (!this.isUnsynced) return;
    await this.#writeAgain();
    await this.#secure();
    const written = tail.inState("written");
    await this.#log?.sync();
    tail.mark(written, "durable");
    for (const { accepted } of written) accepted.resolve();
    this.#unsynced = 0;
  }

  async saveCursors(): Promise<void> {
    const positions = new Map([...this.#options.readers()].map(([name, { cursor }]) => [name, cursor]));
    await this.#cursors?.save(positions, this.#syncs);
  }

  async keepCursors(): Promise<void> {
    await this.#cursors?.keep(this.#options.readers().keys());
  }

  /** What was written is safe when this resolves or rejects; the lock is free. */
  async close(): Promise<void> {
    try {
      await this.sync();
      await this.saveCursors();
    } finally {
      await this.#closeFiles();
      await this.#unlock?.();
      this.#unlock = undefined;
    }
  }

  get #syncs(): boolean {
    return this.#options.settings().sync !== "os";
  }

  async #restore(recovered: Recovered, cursors: Cursors): Promise<void> {
    const { disk, folder, tail, readers } = this.#options;
    const positions = new Map<string, Position | "damaged" | undefined>();
    for (const name of readers().keys()) positions.set(name, await cursors.open(name));
    const known = [...positions.values()].filter((position) => typeof position === "object");
    const log = new SegmentLog(disk, folder, recovered, this.#wasOpen ? [...known, tail.start] : known);
    if (!this.#wasOpen) placeReaders(readers(), positions, log, tail);
    this.#wasOpen = true;
    this.#cursors = cursors;
    this.#log = log;
    this.#trimmer = new Trimmer(log, { ...this.#options, saveCursors: () => this.saveCursors() });
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    const [log, [first]] = [this.#log, batch];
    if (log === undefined || first === undefined) throw bug("written to a queue that is not open");
    await this.#withRoom(log, async () => {
      const bounds = this.#options.settings();
      if (log.needsRoll(first, segmentBytes(bounds), segmentAgeMs(bounds))) {
        await this.sync();
        await log.roll(first, segmentBytes(bounds));
      }
      await log.append(batch);
    });
  }

  async #writeAgain(): Promise<void> {
    const log = this.#log;
    if (log?.isBroken) await this.#withRoom(log, () => log.writeAgain(this.#options.tail.inState("written")));
  }

  /** What everybody is done with needs no care any more. */
  async #secure(): Promise<void> {
    if (this.#syncs && this.#log?.isUnsure) await this.#trimmer?.removeFinished();
    if (this.#syncs) await this.#log?.secure();
  }

  /** Tries until the disk has room, as long as some can be made. */
  async #withRoom(log: SegmentLog, run: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!isDiskFull(error) || !(await this.#makeRoom(log))) throw error;
      }
    }
  }

  /** Frees a bit of a full disk; false where that is not possible. */
  async #makeRoom(log: SegmentLog): Promise<boolean> {
    if (this.#options.settings().whenFull === "wait") return ((await this.#trimmer?.removeFinished()) ?? 0) > 0;
    const [oldest] = log.segments;
    if (oldest === undefined || log.isOpen(oldest)) return false;
    await this.#trimmer?.dropOldest("queue_full");
    return true;
  }

  async #closeFiles(): Promise<void> {
    const [log, cursors] = [this.#log, this.#cursors];
    this.#log = undefined;
    this.#trimmer = undefined;
    this.#cursors = undefined;
    this.#unsynced = 0;
    await log?.close();
    await cursors?.close();
  }
}
