import { crc32 } from "node:zlib";
import type { Block } from "./queue.ts";

/**
 * A block on disk, little-endian, aligned to 8 bytes:
 *
 *      0  u32 marker        24  u64 records before this frame, since the queue was made
 *      4  u16 header bytes  32  f64 oldest, 40 f64 newest timestamp, 48 f64 time of the append
 *      6  u16 kind          56  u32 CRC of the payload
 *      8  u32 payload bytes 60  u32 CRC of the header, begun with that of the queue's uuid
 *     12  u32 records       64  payload, then zeros up to the next multiple of 8
 *     16  u64 sequence
 *
 * Two checksums, because a payload that is wrong leaves a length that is right: only one frame is lost. Behind a header
 * that is wrong the next marker is looked for. `records before` says exactly how many records a gap has swallowed.
 */
export interface Frame extends Block {
  readonly sequence: number;
  readonly recordsBefore: number;
  /** Milliseconds since the epoch. */
  readonly appendedAt: number;
}

export interface FrameHeader extends Omit<Frame, "payload"> {
  readonly payloadBytes: number;
  readonly payloadCrc: number;
}

export const frameHeaderBytes = 64;

export const frameMarker = Buffer.from([0x9d, 0x53, 0x4e, 0xf1]);

/** A length beyond it is a damaged one, whatever its checksum says. */
const longestPayload = 64 * 2 ** 20;

/** Of a block that does not say what it is. */
const plainKind = 1;

const highestKind = 255;

/** Of the whole frame, padding included. */
export function frameBytes(payloadBytes: number): number {
  return frameHeaderBytes + payloadBytes + padding(payloadBytes);
}

/** The frame in pieces, for one vectored write: the payload is not copied. */
export function encodeFrame(frame: Frame, seed: number): Uint8Array[] {
  const { payload } = frame;
  const header = Buffer.alloc(frameHeaderBytes);
  frameMarker.copy(header);
  header.writeUInt16LE(frameHeaderBytes, 4);
  header.writeUInt16LE(frame.kind ?? plainKind, 6);
  header.writeUInt32LE(payload.length, 8);
  header.writeUInt32LE(frame.records, 12);
  writeCount(header, frame.sequence, 16);
  writeCount(header, frame.recordsBefore, 24);
  header.writeDoubleLE(frame.minTimestamp, 32);
  header.writeDoubleLE(frame.maxTimestamp, 40);
  header.writeDoubleLE(frame.appendedAt, 48);
  header.writeUInt32LE(crc32(payload), 56);
  header.writeUInt32LE(crc32(header.subarray(0, 60), seed), 60);
  const pad = padding(payload.length);
  return pad === 0 ? [header, payload] : [header, payload, zeros.subarray(0, pad)];
}

/** Undefined where there is no valid header of this queue. */
export function decodeFrameHeader(bytes: Buffer, seed: number): FrameHeader | undefined {
  if (!bytes.subarray(0, 4).equals(frameMarker)) return undefined;
  if (bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60), seed)) return undefined;
  const payloadBytes = bytes.readUInt32LE(8);
  const kind = bytes.readUInt16LE(6);
  if (kind < 1 || kind > highestKind || payloadBytes > longestPayload) return undefined;
  return {
    kind,
    payloadBytes,
    records: bytes.readUInt32LE(12),
    sequence: readCount(bytes, 16),
    recordsBefore: readCount(bytes, 24),
    minTimestamp: bytes.readDoubleLE(32),
    maxTimestamp: bytes.readDoubleLE(40),
    appendedAt: bytes.readDoubleLE(48),
    payloadCrc: bytes.readUInt32LE(56),
  };
}

/** An unsigned 64-bit number that fits into 53 bits, without the cost of a BigInt. */
export function writeCount(bytes: Buffer, count: number, at: number): void {
  bytes.writeUInt32LE(count % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(count / 2 ** 32), at + 4);
}

export function readCount(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

const zeros = Buffer.alloc(8);

function padding(payloadBytes: number): number {
  return -payloadBytes & 7;
}
