import { join } from "node:path";
import type { Disk } from "../../lib/disk.ts";
import { spareName } from "./anew.ts";
import type { Position } from "./cursor-file.ts";
import { identityOf, type QueueIdentity, quarantine, readFormat, unlinkIfThere, writeFormat } from "./folder.ts";
import type { FrameHeader } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import {
  decodeSegmentHeader,
  type Segment,
  type SegmentHeader,
  segmentHeaderBytes,
  sequenceOfName,
} from "./segment.ts";

/** What a folder held when the queue was opened. */
export interface Recovered {
  readonly identity: QueueIdentity;
  /** Oldest first; none of them is written any more. */
  readonly segments: Segment[];
  /** Behind everything that was ever in them. */
  readonly end: Position;
  /** Names of files that were put aside. */
  readonly quarantined: readonly string[];
}

/**
 * Finds out what is in the folder, from names and headers and the last segment alone: the time does not grow with the
 * backlog. Interrupting it at any point and running it again comes to the same.
 */
export async function recover(disk: Disk, folder: string, newUuid: () => Buffer): Promise<Recovered> {
  const quarantined: string[] = [];
  const putAside = async (name: string) => {
    await quarantine(disk, folder, name);
    quarantined.push(name);
  };
  const format = await readFormat(disk, folder);
  if (format === "unknown version") await putAside("FORMAT");
  const files = await readHeaders(disk, folder);
  const newest = files.findLast(({ header }) => typeof header === "object")?.header as SegmentHeader | undefined;
  const known = typeof format === "object" ? format : newest?.uuid;
  const identity = identityOf(known ?? newUuid());
  if (typeof format !== "object") await writeFormat(disk, folder, identity.uuid);

  const own: SegmentFile[] = [];
  for (const file of files) {
    const isForeign = typeof file.header === "object" && !file.header.uuid.equals(identity.uuid);
    if (isForeign || file.header === "unknown version") await putAside(file.name);
    else own.push(file);
  }
  const segments = own.map((file, at) => segmentOf(folder, identity.seed, file, own[at + 1]));
  for (const [at, segment] of segments.entries()) {
    if (!Number.isFinite(segment.endSequence)) await scan(disk, segment, own[at + 1]?.sequence);
  }
  await removeEmptyTail(disk, segments, putAside);
  const last = segments.at(-1);
  return {
    identity,
    segments,
    end: { sequence: last?.endSequence ?? 1, records: last?.endRecords ?? 0 },
    quarantined,
  };
}

interface SegmentFile {
  readonly name: string;
  readonly sequence: number;
  readonly size: number;
  readonly header: Header;
}

type Header = ReturnType<typeof decodeSegmentHeader>;

async function readHeaders(disk: Disk, folder: string): Promise<SegmentFile[]> {
  const files: SegmentFile[] = [];
  for (const name of [...(await disk.list(folder))].sort()) {
    if (name === spareName) await unlinkIfThere(disk, join(folder, name));
    const sequence = sequenceOfName(name);
    if (sequence === undefined) continue;
    const file = await disk.open(join(folder, name), "read");
    try {
      const bytes = Buffer.alloc(segmentHeaderBytes);
      const length = await file.read(bytes, 0);
      const { size } = await file.stat();
      files.push({ name, sequence, size, header: decodeSegmentHeader(bytes.subarray(0, length)) });
    } finally {
      await file.close();
    }
  }
  return files;
}

/**
 * Where a segment ends, its successor says; without one, that is for a scan to find out. A damaged header takes nothing
 * with it: the name and the frames say the rest.
 */
function segmentOf(folder: string, seed: number, file: SegmentFile, next: SegmentFile | undefined): Segment {
  const { name, sequence, size, header } = file;
  const isWhole = typeof header === "object";
  const isLinked = isWhole && typeof next?.header === "object";
  return {
    path: join(folder, name),
    seed,
    baseSequence: sequence,
    baseRecords: isWhole ? header.baseRecords : Number.NaN,
    previousRecords: isWhole ? header.previousRecords : Number.NaN,
    // Nothing is dropped for its age on the word of a damaged header.
    createdAt: isWhole ? header.createdAt : Number.POSITIVE_INFINITY,
    headerBytes: isWhole ? header.headerBytes : segmentHeaderBytes,
    endSequence: isLinked ? Math.max(sequence, next.header.previousSequence) : Number.NaN,
    endRecords: isLinked ? Math.max(header.baseRecords, next.header.previousRecords) : Number.NaN,
    size,
    isDamaged: !isWhole,
  };
}

/** Frames from `next` on, where the next segment begins, were written again there. */
async function scan(disk: Disk, segment: Segment, next = Number.POSITIVE_INFINITY): Promise<void> {
  const file = await disk.open(segment.path, "read");
  try {
    const reader = new FrameReader(file, segment.seed, segment.headerBytes);
    let first: FrameHeader | undefined;
    let last: FrameHeader | undefined;
    for (let frame = await reader.next(segment.size); ; frame = await reader.next(segment.size)) {
      const { lastHeader } = reader;
      if (lastHeader !== undefined && lastHeader.sequence < next) last = lastHeader;
      if (frame === undefined || frame.sequence >= next) break;
      first ??= lastHeader;
    }
    const isWhole = !Number.isNaN(segment.baseRecords);
    const baseRecords = isWhole ? segment.baseRecords : (first?.recordsBefore ?? 0);
    Object.assign(segment, {
      baseRecords,
      createdAt: isWhole ? segment.createdAt : (first?.appendedAt ?? segment.createdAt),
      previousRecords: isWhole ? segment.previousRecords : baseRecords,
      endSequence: last === undefined ? segment.baseSequence : last.sequence + 1,
      endRecords: last === undefined ? baseRecords : last.recordsBefore + last.records,
    });
  } finally {
    await file.close();
  }
}

/** A segment without a frame stands where the next one would be made. */
async function removeEmptyTail(
  disk: Disk,
  segments: Segment[],
  putAside: (name: string) => Promise<void>,
): Promise<void> {
  for (
    let last = segments.at(-1);
    last !== undefined && last.endSequence === last.baseSequence;
    last = segments.at(-1)
  ) {
    segments.pop();
    if (last.size <= last.headerBytes) await unlinkIfThere(disk, last.path);
    else await putAside(last.path.slice(last.path.lastIndexOf("/") + 1));
  }
}
