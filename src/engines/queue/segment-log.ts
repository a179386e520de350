import { basename, join } from "node:path";
import { type Disk, errnoOf } from "../../lib/disk.ts";
import { copyInPlace, putInPlace } from "./anew.ts";
import type { Position } from "./cursor-file.ts";
import { type QueueIdentity, quarantine, unlinkIfThere } from "./folder.ts";
import type { Frame } from "./frame.ts";
import type { Recovered } from "./recovery.ts";
import { type Segment, type SegmentHeader, segmentHeaderBytes, segmentName } from "./segment.ts";
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
  /** Whether the last segment has failed while it was being written. */
  #isBroken = false;
  /** The last segment of an earlier process: nobody knows how much of it the disk has. */
  #unsure: Segment | undefined;
  #mayTrustSync = true;
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
    this.#unsure = last;
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

  /** Whether what was appended since the last sync must be written again, before anything else is. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether a sync would not do for what was found at the start. */
  get isUnsure(): boolean {
    return this.#unsure !== undefined;
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
      if (error instanceof UnusableSegmentError || !isDiskFull(error)) await this.#break();
      throw error;
    }
    this.#end = { sequence: last.sequence + 1, records: last.recordsBefore + last.records };
    Object.assign(open, { size: writer.size, endSequence: this.#end.sequence, endRecords: this.#end.records });
  }

  /**
   * Makes everything durable, once the log is neither broken nor unsure. After a failure nobody knows which pages the
   * kernel has dropped, and the next sync would say that all is well (fsync(2)): the log is broken then.
   */
  async sync(): Promise<void> {
    try {
      await this.#writer?.sync();
      if (this.#isFolderDirty) await this.#disk.syncFolder(this.#folder);
    } catch (error) {
      await this.#break();
      throw error;
    }
    this.#isFolderDirty = false;
    this.#unsure = undefined;
  }

  /**
   * Writes the frames since the last sync again, into a segment that takes its place behind the broken one only when it is
   * whole: whenever this breaks off, the broken one still counts. Appending goes on in the new one.
   */
  async writeAgain(frames: readonly Frame[]): Promise<void> {
    const [first] = frames;
    if (first !== undefined) {
      const from = { sequence: first.sequence, records: first.recordsBefore };
      const last = this.#segments.at(-1);
      // A segment of which nothing was synced is replaced, so that a disk that fails for long is not filled with copies.
      const isWhole = last?.baseSequence === from.sequence;
      const header = this.#headerOf(first, isWhole ? this.#previousOf(last) : from);
      const name = isWhole ? basename(last.path) : segmentName(from.sequence, 0);
      const create = (path: string) => SegmentWriter.create(this.#disk, path, header, this.#identity.seed);
      const fill = (writer: SegmentWriter) => writer.append(frames);
      const writer = await putInPlace(this.#disk, this.#folder, name, create, fill);
      if (isWhole) this.#segments.pop();
      else this.#takeBack(from);
      this.#begin(writer, join(this.#folder, name), header);
      Object.assign(this.#open ?? {}, { endSequence: this.#end.sequence, endRecords: this.#end.records });
    }
    this.#isBroken = false;
  }

  /**
   * Has the last segment of an earlier process written again. It may have ended between a sync that failed and the writing
   * again, and the kernel reports a failure only once: a sync of the same file would prove nothing.
   */
  async secure(): Promise<void> {
    if (this.#unsure === undefined) return;
    this.#isFolderDirty = true;
    try {
      await copyInPlace(this.#disk, this.#folder, this.#unsure);
    } catch (error) {
      // Where there is no room for a copy, the sync has to do; not one that comes after a failure that we know of.
      if (!isDiskFull(error) || !this.#mayTrustSync) throw error;
      this.#mayTrustSync = false;
      await syncFile(this.#disk, this.#unsure.path);
      this.#mayTrustSync = true;
    }
  }

  /** Writes no more to the open segment. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close().catch(() => {});
  }

  /** Whether somebody has deleted the open segment, or the folder where there is none. */
  async isDeleted(): Promise<boolean> {
    if (this.#writer !== undefined) return !(await this.#writer.isLinked());
    try {
      await this.#disk.list(this.#folder);
      return false;
    } catch (error) {
      return errnoOf(error) === "ENOENT";
    }
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
    if (oldest === this.#unsure) this.#unsure = undefined;
    this.#isFolderDirty = true;
  }

  /** Whether the segment is being written, or has what must be written again. */
  isOpen(segment: Segment): boolean {
    return segment === this.#segments.at(-1) && (this.#writer !== undefined || this.#isBroken);
  }

  get #open(): Segment | undefined {
    return this.#writer === undefined ? undefined : this.#segments.at(-1);
  }

  async #create(frame: Frame): Promise<void> {
    const header = this.#headerOf(frame, this.#end);
    await this.#removeEmpty(frame.sequence);
    for (let attempt = 0; ; attempt++) {
      const path = join(this.#folder, segmentName(frame.sequence, attempt));
      try {
        const writer = await SegmentWriter.create(this.#disk, path, header, this.#identity.seed);
        await this.close();
        this.#begin(writer, path, header);
        this.#isBroken = false;
        return;
      } catch (error) {
        if (errnoOf(error) !== "EEXIST" || attempt === 99) throw error;
      }
    }
  }

  #headerOf(first: Frame, previous: Position): SegmentHeader {
    return {
      uuid: this.#identity.uuid,
      baseSequence: first.sequence,
      baseRecords: first.recordsBefore,
      previousSequence: previous.sequence,
      previousRecords: previous.records,
      createdAt: first.appendedAt,
    };
  }

  /** A segment that has got no frame makes room for another one that begins at the same place. */
  async #removeEmpty(baseSequence: number): Promise<void> {
    const last = this.#segments.at(-1);
    if (last?.baseSequence !== baseSequence) return;
    await this.close();
    await unlinkIfThere(this.#disk, last.path);
    this.#segments.pop();
  }

  #previousOf({ baseSequence, previousRecords }: Segment): Position {
    return { sequence: this.#segments.at(-2)?.endSequence ?? baseSequence, records: previousRecords };
  }

  #begin(writer: SegmentWriter, path: string, header: SegmentHeader): void {
    const { baseSequence, baseRecords, previousRecords, createdAt } = header;
    this.#writer = writer;
    this.#isFolderDirty = true;
    this.#segments.push({
      path,
      seed: this.#identity.seed,
      baseSequence,
      baseRecords,
      previousRecords,
      createdAt,
      headerBytes: segmentHeaderBytes,
      endSequence: baseSequence,
      endRecords: baseRecords,
      size: writer.size,
      isDamaged: false,
    });
  }

  async #break(): Promise<void> {
    this.#isBroken ||= this.#writer !== undefined;
    await this.close();
  }

  /** What is from there on does not count any more, in the segments that there are. */
  #takeBack(from: Position): void {
    for (const segment of this.#segments) {
      segment.heldSequence ??= segment.endSequence;
      segment.endSequence = Math.min(segment.endSequence, Math.max(segment.baseSequence, from.sequence));
      segment.endRecords = Math.min(segment.endRecords, Math.max(segment.baseRecords, from.records));
    }
  }
}

async function syncFile(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path, "update");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export function isDiskFull(error: unknown): boolean {
  const code = errnoOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

function furthest(a: Position, b: Position): Position {
  return { sequence: Math.max(a.sequence, b.sequence), records: Math.max(a.records, b.records) };
}
