import { crc32 } from "node:zlib";
import { readCount, writeCount } from "./frame.ts";

/**
 * A file of the queue: a header, then frames. What the header says of its predecessor tells damage from what was dropped
 * on purpose: records between `previousRecords` and `baseRecords` were never written, those missing before it are lost.
 *
 *      0  magic               32  u64 base sequence        64  f64 created
 *      8  u16 major, minor    40  u64 base records         72  zeros
 *     12  u16 header bytes    48  u64 previous sequence    92  u32 CRC
 *     16  uuid                56  u64 previous records
 */
export interface SegmentHeader {
  readonly uuid: Buffer;
  /** Of the first frame. */
  readonly baseSequence: number;
  readonly baseRecords: number;
  /** Behind the last frame of the segment before. */
  readonly previousSequence: number;
  readonly previousRecords: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What is known of a segment without reading it. */
export interface Segment {
  readonly path: string;
  /** Of its queue's checksums. */
  readonly seed: number;
  readonly baseSequence: number;
  readonly baseRecords: number;
  /** Of what was written before it; fewer than `baseRecords` where something never was. */
  readonly previousRecords: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Where the frames begin. */
  readonly headerBytes: number;
  /** Behind the last frame that counts: a later segment may hold the same frames again. */
  endSequence: number;
  endRecords: number;
  /** Behind the last frame that lies in it, where that is more: until readers are past them, all copies stay. */
  heldSequence?: number;
  /** Bytes that may be read. */
  size: number;
  /** A reader found damage: it is kept aside instead of deleted. */
  isDamaged: boolean;
}

export const segmentHeaderBytes = 96;

const magic = Buffer.from("SONDEQ\r\n");
const major = 1;
const minor = 0;

/** The attempt is more than 0 where a file that could not be written has the name, and cannot be removed. */
export function segmentName(baseSequence: number, attempt: number): string {
  return `${String(baseSequence).padStart(16, "0")}-${String(attempt).padStart(2, "0")}.seg`;
}

/** The base sequence in a file's name; undefined where it is no segment. */
export function sequenceOfName(name: string): number | undefined {
  const [, digits] = /^([0-9]{16})-[0-9]{2}\.seg$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  magic.copy(bytes);
  bytes.writeUInt16LE(major, 8);
  bytes.writeUInt16LE(minor, 10);
  bytes.writeUInt16LE(segmentHeaderBytes, 12);
  header.uuid.copy(bytes, 16);
  writeCount(bytes, header.baseSequence, 32);
  writeCount(bytes, header.baseRecords, 40);
  writeCount(bytes, header.previousSequence, 48);
  writeCount(bytes, header.previousRecords, 56);
  bytes.writeDoubleLE(header.createdAt, 64);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 92)), 92);
  return bytes;
}

/** A newer minor version may have a longer header, and is read all the same. */
export function decodeSegmentHeader(
  bytes: Buffer,
): (SegmentHeader & { readonly headerBytes: number }) | "damaged" | "unknown version" {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return "damaged";
  if (bytes.readUInt32LE(92) !== crc32(bytes.subarray(0, 92))) return "damaged";
  if (bytes.readUInt16LE(8) !== major) return "unknown version";
  return {
    headerBytes: bytes.readUInt16LE(12),
    uuid: bytes.subarray(16, 32),
    baseSequence: readCount(bytes, 32),
    baseRecords: readCount(bytes, 40),
    previousSequence: readCount(bytes, 48),
    previousRecords: readCount(bytes, 56),
    createdAt: bytes.readDoubleLE(64),
  };
}
