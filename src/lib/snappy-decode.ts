import { BodyTooLargeError } from "./http-message.ts";

/** Bytes that are no block of Snappy. */
export class SnappyError extends Error {}

/**
 * Decompresses a block of Snappy (google/snappy, format_description.txt) that a stranger has sent; lib/snappy.ts shows the
 * format. Every byte of the result comes from an element that was checked, and what the block claims to hold is not
 * believed: `limit` bounds it, and so does the block itself, because no element makes more of a byte than a copy of
 * 64 bytes in three.
 *
 * Throws a SnappyError, or a BodyTooLargeError when the content is longer than `limit` bytes.
 */
export function decompress(block: Uint8Array, limit: number): Buffer {
  const { length, end } = readLength(block);
  if (length > limit) throw new BodyTooLargeError(`${length} bytes when decompressed; the limit is ${limit}`);
  if (length > (block.length - end) * mostBytesOfOne)
    throw new SnappyError(`it cannot hold the ${length} bytes it claims`);
  const output = Buffer.allocUnsafeSlow(length);
  const written = readElements(block, end, output);
  if (written !== length) throw new SnappyError(`it holds ${written} bytes and claims ${length}`);
  return output;
}

const mostBytesOfOne = 22;

/** A varint of at most 32 bits. */
function readLength(block: Uint8Array): { length: number; end: number } {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80 && length < 2 ** 32) return { length, end: at + 1 };
  }
  throw new SnappyError("it does not begin with a length");
}

/** Returns how many bytes were written. */
function readElements(block: Uint8Array, from: number, output: Buffer): number {
  let at = from;
  let to = 0;
  while (at < block.length) {
    const tag = block[at++]!;
    const kind = tag & 3;
    // Of the number behind the tag: a long literal's length, or how far back a copy reaches.
    const size = kind === 0 ? Math.max(0, (tag >> 2) - 59) : copySizes[kind]!;
    if (size > block.length - at) throw endsTooEarly();
    const number = readNumber(block, at, size);
    at += size;
    const length = lengthOf(tag, kind, size, number);
    if (length > output.length - to) throw new SnappyError(`it holds more than the ${output.length} bytes it claims`);
    if (kind === 0) {
      copyLiteral(block, at, output, to, length);
      at += length;
    } else {
      copyBack(output, to, kind === 1 ? ((tag >> 5) << 8) | number : number, length);
    }
    to += length;
  }
  return to;
}

/** By kind: bytes of a copy's offset. */
const copySizes = [0, 1, 2, 4];

function lengthOf(tag: number, kind: number, size: number, number: number): number {
  if (kind === 1) return ((tag >> 2) & 7) + 4;
  return kind === 0 && size > 0 ? number + 1 : (tag >> 2) + 1;
}

function readNumber(block: Uint8Array, at: number, size: number): number {
  let number = 0;
  for (let next = size - 1; next >= 0; next--) number = (number << 8) | block[at + next]!;
  return number >>> 0;
}

/** Most are short: for those a call costs more than the bytes. */
function copyLiteral(block: Uint8Array, from: number, output: Buffer, to: number, length: number): void {
  if (length > block.length - from) throw endsTooEarly();
  if (length < 33) for (let next = 0; next < length; next++) output[to + next] = block[from + next]!;
  else output.set(block.subarray(from, from + length), to);
}

/** A copy that is longer than its offset repeats what it has just written. */
function copyBack(output: Buffer, to: number, offset: number, length: number): void {
  if (offset === 0 || offset > to) throw new SnappyError("a copy begins where nothing is");
  for (let next = to; next < to + length; next++) output[next] = output[next - offset]!;
}

function endsTooEarly(): SnappyError {
  return new SnappyError("it ends in the middle of an element");
}
