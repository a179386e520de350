import { join } from "node:path";
import { type Disk, errnoOf } from "../../lib/disk.ts";
import { CursorFile, type Position } from "./cursor-file.ts";
import { identityOf, readFormat } from "./folder.ts";
import type { Frame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import { decodeSegmentHeader, segmentHeaderBytes, sequenceOfName } from "./segment.ts";

/** What lies in the folder of a queue. */
export interface InspectedQueue {
  readonly folder: string;
  /** 32 hex digits; undefined where FORMAT and all segments are damaged, and nothing else can be read. */
  readonly uuid: string | undefined;
  /** Of the file FORMAT. */
  readonly format: "good" | "missing or damaged" | "unknown version";
  readonly segments: readonly InspectedSegment[];
  readonly cursors: readonly InspectedCursor[];
  /** Names of files that were put aside. */
  readonly quarantine: readonly string[];
}

export interface InspectedSegment {
  readonly name: string;
  readonly bytes: number;
  readonly header: "good" | "damaged" | "unknown version" | "of another queue";
  readonly frames: readonly InspectedFrame[];
  /** Frames from this sequence on could not be synced, and stand in the next segment again. */
  readonly againFrom?: number;
  /** Whether there is anything but whole frames in it. A tail that a crash has torn, or that is being written, is no damage. */
  readonly isDamaged: boolean;
}

export type InspectedFrame = Omit<Frame, "payload"> & { readonly bytes: number };

export interface InspectedCursor {
  /** The endpoint's name, as far as the file's name says it. */
  readonly name: string;
  readonly position: Position | "damaged";
}

/**
 * Looks at a queue without touching it, while an agent works on it or not. `onFrame` gets each frame, its payload included.
 * Rejects with the error of the system where the folder cannot be read.
 */
export async function inspectQueue(
  disk: Disk,
  folder: string,
  onFrame: (frame: Frame) => void = () => {},
): Promise<InspectedQueue> {
  const names = [...(await disk.list(folder))].sort();
  const format = await readFormat(disk, folder);
  const files = names.filter((name) => sequenceOfName(name) !== undefined);
  const uuid = typeof format === "object" ? format : await uuidOfSegments(disk, folder, files);
  const segments: InspectedSegment[] = [];
  for (const [at, name] of files.entries()) {
    const segment = await inspectSegment(disk, folder, name, uuid, onFrame);
    const next = sequenceOfName(files[at + 1] ?? "");
    const isAgain = next !== undefined && segment.frames.some(({ sequence }) => sequence >= next);
    segments.push(isAgain ? { ...segment, againFrom: next } : segment);
  }
  const cursors: InspectedCursor[] = [];
  for (const name of names.filter((each) => each.startsWith("cursor."))) {
    const { seed } = identityOf(uuid ?? Buffer.alloc(16));
    const position = await CursorFile.read(disk, join(folder, name), seed);
    cursors.push({ name: decodeURIComponent(name.slice("cursor.".length)), position });
  }
  return {
    folder,
    uuid: uuid?.toString("hex"),
    format: typeof format === "object" ? "good" : (format ?? "missing or damaged"),
    segments,
    cursors,
    quarantine: await listIfThere(disk, join(folder, "quarantine")),
  };
}

async function uuidOfSegments(disk: Disk, folder: string, files: readonly string[]): Promise<Buffer | undefined> {
  for (const name of files.toReversed()) {
    const { header } = await readHeader(disk, folder, name);
    if (typeof header === "object") return header.uuid;
  }
  return undefined;
}

async function readHeader(disk: Disk, folder: string, name: string) {
  const file = await disk.open(join(folder, name), "read");
  try {
    const bytes = Buffer.alloc(segmentHeaderBytes);
    const length = await file.read(bytes, 0);
    return { header: decodeSegmentHeader(bytes.subarray(0, length)), size: (await file.stat()).size };
  } finally {
    await file.close();
  }
}

async function inspectSegment(
  disk: Disk,
  folder: string,
  name: string,
  uuid: Buffer | undefined,
  onFrame: (frame: Frame) => void,
): Promise<InspectedSegment> {
  const { header, size } = await readHeader(disk, folder, name);
  const own = typeof header === "object" ? header.uuid : (uuid ?? Buffer.alloc(16));
  const isForeign = uuid !== undefined && !own.equals(uuid);
  const frames: InspectedFrame[] = [];
  const file = await disk.open(join(folder, name), "read");
  try {
    const reader = new FrameReader(
      file,
      identityOf(own).seed,
      typeof header === "object" ? header.headerBytes : segmentHeaderBytes,
    );
    for (let frame = await reader.next(size); frame !== undefined; frame = await reader.next(size)) {
      const { payload, ...rest } = frame;
      frames.push({ ...rest, bytes: payload.length });
      onFrame(frame);
    }
    const state = typeof header === "object" ? (isForeign ? "of another queue" : "good") : header;
    return { name, bytes: size, header: state, frames, isDamaged: reader.isDamaged || header === "damaged" };
  } finally {
    await file.close();
  }
}

async function listIfThere(disk: Disk, folder: string): Promise<readonly string[]> {
  try {
    return [...(await disk.list(folder))].sort();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
