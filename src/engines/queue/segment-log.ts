import { basename, join } from "node:path";
import { type Disk, errnoOf } from "../../lib/disk.ts";
import type { Position } from "./cursor-file.ts";
import { type QueueIdentity, quarantine, unlinkIfThere } from "./folder.ts";
import type { Frame } from "./frame.ts";
import type { Recovered } from "./recovery.ts";
import { type Segment, segmentHeaderBytes, segmentName } from "./segment.ts";
import { SegmentWriter, UnusableSegmentError } from "./segment-writer.ts";

/** Data still fits into the open segment where no new file can be made (no inode is left), up to this many segments' size. */
const stretch = 8;

/** The segments of one folder: appends to the last, forgets the first. One call at a time. */
export class SegmentLog {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #identity: QueueIdentity;
  readonly #segments: Segment[];
  #end: Position;
  #writer: SegmentWriter | undefined;
  /** Names that a power cut would take back. */
  #isFolderDirty = true;

  /** `cursors`: a reader may stand behind what a power cut has left; its numbers are not given again. */
  constructor(disk: Disk, folder: string, { identity, segments, end }: Recovered, cursors: readonly Position[]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#identity = identity;
    this.#segments = segments;
    this.#end = cursors.reduce(furthest, end);
    const last = segments.at(-1);
    if (last !== undefined) Object.assign(last, { endSequence: this.#end.sequence, endRecords: this.#end.records });
  }

  get identity(): QueueIdentity {
    return this.#identity;
  }

  /** Oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Behind the last frame. */
  get end(): Position {
    return this.#end;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  /** The segment that has this sequence, or the first one behind it. */
  segmentAt(sequence: number): Segment | undefined {
    return this.#segments.find((each) => sequence < each.endSequence);
  }

  /** Whether the frame belongs into a new segment. */
  needsRoll(frame: Frame, segmentBytes: number, segmentAgeMs: number): boolean {
    const open = this.#open;
    if (open === undefined || frame.sequence !== this.#end.sequence) return true;
    return open.size >= segmentBytes || frame.appendedAt - open.createdAt > segmentAgeMs;
  }

  /** Begins a new segment with the frame. What the one before holds should have been synced. */
  async roll(frame: Frame, segmentBytes: number): Promise<void> {
    try {
      await this.#create(frame);
    } catch (error) {
      const open = this.#open;
      const mayGoOn = open !== undefined && frame.sequence === this.#end.sequence && open.size < stretch * segmentBytes;
      if (!mayGoOn || !isDiskFull(error)) throw error;
    }
  }

  /** Appends all frames or none of them. */
  async append(frames: readonly Frame[]): Promise<void> {
    const writer = this.#writer;
    const [open, last] = [this.#open, frames.at(-1)];
    if (writer === undefined || open === undefined || last === undefined) return;
    try {
      await writer.append(frames);
    } catch (error) {
      // A full disk leaves the segment as it was; after anything else nobody knows.
      if (error instanceof UnusableSegmentError || !isDiskFull(error)) await this.abandon();
      throw error;
    }
    this.#end = { sequence: last.sequence + 1, records: last.recordsBefore + last.records };
    Object.assign(open, { size: writer.size, endSequence: this.#end.sequence, endRecords: this.#end.records });
  }

  async sync(): Promise<void> {
    await this.#writer?.sync();
    if (this.#isFolderDirty) await this.#disk.syncFolder(this.#folder);
    this.#isFolderDirty = false;
  }

  /**
   * After a failed sync nobody knows which pages the kernel has dropped, and the next sync would say that all is well
   * (fsync(2)): what is not known to be durable goes into another segment. `from` is its first frame.
   */
  async takeBack(from: Position): Promise<void> {
    await this.abandon();
    this.#end = from;
    for (const segment of this.#segments) {
      segment.heldSequence ??= segment.endSequence;
      segment.endSequence = Math.min(segment.endSequence, Math.max(segment.baseSequence, from.sequence));
      segment.endRecords = Math.min(segment.endRecords, Math.max(segment.baseRecords, from.records));
    }
  }

  /** Writes no more to the open segment. */
  async abandon(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close().catch(() => {});
  }

  /** Whether somebody has deleted the open segment. */
  async isDeleted(): Promise<boolean> {
    return this.#writer !== undefined && !(await this.#writer.isLinked());
  }

  /** Only one that is not being written. */
  async removeOldest(): Promise<void> {
    const [oldest] = this.#segments;
    if (oldest === undefined) return;
    if (oldest.isDamaged) {
      await quarantine(this.#disk, this.#folder, basename(oldest.path)).catch(async (error) => {
        if (errnoOf(error) !== "ENOENT") await unlinkIfThere(this.#disk, oldest.path);
      });
    } else await unlinkIfThere(this.#disk, oldest.path);
    this.#segments.shift();
    this.#isFolderDirty = true;
  }

  isOpen(segment: Segment): boolean {
    return segment === this.#open;
  }

  get #open(): Segment | undefined {
    return this.#writer === undefined ? undefined : this.#segments.at(-1);
  }

  async #create(frame: Frame): Promise<void> {
    const { uuid, seed } = this.#identity;
    const { sequence: baseSequence, recordsBefore: baseRecords, appendedAt: createdAt } = frame;
    const { sequence: previousSequence, records: previousRecords } = this.#end;
    const header = { uuid, baseSequence, baseRecords, previousSequence, previousRecords, createdAt };
    for (let attempt = 0; ; attempt++) {
      const path = join(this.#folder, segmentName(baseSequence, attempt));
      try {
        const writer = await SegmentWriter.create(this.#disk, path, header, seed);
        await this.abandon();
        this.#writer = writer;
        this.#isFolderDirty = true;
        const rest = { headerBytes: segmentHeaderBytes, size: writer.size, isDamaged: false };
        const range = {
          previousRecords,
          baseSequence,
          baseRecords,
          endSequence: baseSequence,
          endRecords: baseRecords,
        };
        this.#segments.push({ path, seed, createdAt, ...range, ...rest });
        return;
      } catch (error) {
        if (errnoOf(error) !== "EEXIST" || attempt === 99) throw error;
      }
    }
  }
}

export function isDiskFull(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

function furthest(a: Position, b: Position): Position {
  return { sequence: Math.max(a.sequence, b.sequence), records: Math.max(a.records, b.records) };
}
