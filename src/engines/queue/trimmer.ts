import type { Disk } from "../../lib/disk.ts";
import { missingSpace, type QueueTime } from "./bounds.ts";
import type { DropReason, QueueBounds } from "./queue.ts";
import { isDiskFull, type SegmentLog } from "./segment-log.ts";
import type { StoredReader } from "./stored-reader.ts";

export interface TrimmerOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly time: QueueTime;
  readonly settings: () => QueueBounds;
  readonly readers: () => ReadonlyMap<string, StoredReader>;
  readonly dropped: (reader: string, reason: DropReason, records: number) => void;
  readonly saveCursors: () => Promise<void>;
}

/** Lets go of the oldest segments: of those that are done with, and of those that the bounds do not allow. */
export class Trimmer {
  readonly #log: SegmentLog;
  readonly #options: TrimmerOptions;
  #isSpaceShort = false;

  constructor(log: SegmentLog, options: TrimmerOptions) {
    this.#log = log;
    this.#options = options;
  }

  /** Whether others should have more of the file system, and nothing is dropped for them. */
  get isSpaceShort(): boolean {
    return this.#isSpaceShort;
  }

  /**
   * Deletes the segments that every reader is done with, cursors first: the other way round would read as damage. Returns
   * how many.
   */
  async removeFinished(): Promise<number> {
    const log = this.#log;
    const cursors = [...this.#options.readers().values()].map(({ cursor }) => cursor.sequence);
    const wanted = Math.min(log.end.sequence, ...cursors);
    let removed = 0;
    for (let [oldest] = log.segments; oldest !== undefined; [oldest] = log.segments) {
      if ((oldest.heldSequence ?? oldest.endSequence) > wanted || log.isOpen(oldest)) break;
      await this.#options.saveCursors();
      await log.removeOldest();
      removed++;
    }
    return removed;
  }

  /** Drops what is beyond the bounds in bytes and age. */
  async enforceBounds(): Promise<void> {
    const { time, settings } = this.#options;
    const { maxBytes, maxAgeMs, whenFull } = settings();
    const log = this.#log;
    for (let next = log.segments[1]; next !== undefined; next = log.segments[1]) {
      if (time.ageOf(next.createdAt) > maxAgeMs) await this.dropOldest("too_old");
      else if (log.bytes > maxBytes && whenFull !== "wait") await this.dropOldest("queue_full");
      else return;
    }
  }

  /** Asks the file system how much is free, and drops the oldest, or takes no more, when that is too little for others. */
  async leaveSpace(): Promise<void> {
    const { disk, folder, settings } = this.#options;
    const log = this.#log;
    let missing = missingSpace(await disk.space(folder), settings());
    const mayWait = settings().whenFull === "wait";
    this.#isSpaceShort = mayWait && missing > 0 && log.segments.length > 2;
    while (!mayWait && missing > 0 && log.segments.length > 2) missing -= await this.dropOldest("queue_full");
  }

  /** How many bytes that has freed. */
  async dropOldest(reason: DropReason): Promise<number> {
    const { readers, dropped, saveCursors } = this.#options;
    const [oldest, next] = this.#log.segments;
    if (oldest === undefined) return 0;
    const end = { sequence: oldest.endSequence, records: oldest.endRecords };
    for (const [name, reader] of readers()) {
      const missed = reader.skipTo(end, { sequence: oldest.baseSequence, records: oldest.baseRecords });
      if (missed > 0) dropped(name, reason, missed);
    }
    // A full disk may refuse even this; what was dropped is then dropped once more after a restart.
    await saveCursors().catch((error) => {
      if (next !== undefined && !isDiskFull(error)) throw error;
    });
    await this.#log.removeOldest();
    return oldest.size;
  }
}
