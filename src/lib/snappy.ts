/**
 * Compresses to the block format of Snappy (google/snappy, format_description.txt), which remote write and Loki push
 * use. Decoders are everywhere; an encoder that is fast in plain JavaScript is not, so this one is our own. The oracle
 * in the tests is snappyjs; `npm run bench` has both.
 *
 *     block     length of the input as a varint, then elements
 *     literal   tag ......00, its length, its bytes
 *     copy      tag ......01 or ......10: "the `length` bytes that stand `offset` bytes back"
 *
 * How copies are found: walk along the input; `table` holds, for a hash of four bytes, where they stood last. When the
 * same four bytes stand there, that is a match: extend it as far as it goes. Where nothing matches, the steps get
 * longer, so data that cannot be compressed costs little.
 *
 *     input   … j o b = " a p i " …………… j o b = " a p i " , i n s t …
 *               ▲ table[hash("job=")]   ▲ here: a copy of 9 bytes, `offset` back
 *
 * The input is cut into fragments of 64 KiB, so that the table's positions fit 16 bits.
 */
export class SnappyEncoder {
  readonly #table = new Uint16Array(tableSize);
  #output = new Uint8Array(0);

  /** The block for `input`, in memory of its own. */
  compress(input: Uint8Array): Uint8Array {
    return this.compressed(input).slice();
  }

  /** The block for `input`, valid until the next one. */
  compressed(input: Uint8Array): Uint8Array {
    const bound = this.bound(input.length) + 5;
    if (this.#output.length < bound) this.#output = new Uint8Array(bound);
    const at = writeVarint(this.#output, 0, input.length);
    return this.#output.subarray(0, this.compressInto(input, this.#output, at));
  }

  /** How many bytes the elements for an input of this length may take. */
  bound(length: number): number {
    // What the format's own library reserves for the worst case, in which hardly anything matches.
    return 32 + length + Math.ceil(length / 6);
  }

  /** Writes the elements without the length in front; they reach back no further than they go. Returns where they end. */
  compressInto(input: Uint8Array, output: Uint8Array, outputAt: number): number {
    const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
    let at = outputAt;
    for (let start = 0; start < input.length; start += fragmentSize) {
      const end = Math.min(start + fragmentSize, input.length);
      at = compressFragment(input, view, start, end, output, at, this.#table);
    }
    return at;
  }
}

const fragmentSize = 1 << 16;
const tableBits = 14;
const tableSize = 1 << tableBits;

/** Near the end of a fragment there is no room for reading four bytes ahead; what is left there becomes a literal. */
const margin = 15;

function compressFragment(
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  output: Uint8Array,
  outputAt: number,
  table: Uint16Array,
): number {
  table.fill(0);
  const limit = end - margin;
  let at = outputAt;
  let literalFrom = start;
  let here = start;
  let patience = 32;
  while (here < limit) {
    const word = view.getInt32(here, true);
    const slot = hash(word);
    const candidate = start + table[slot]!;
    table[slot] = here - start;
    if (candidate === here || view.getInt32(candidate, true) !== word) {
      here += patience++ >> 5;
      continue;
    }
    const length = matchLength(input, view, candidate, here, end);
    if (literalFrom < here) at = writeLiteral(input, literalFrom, here, output, at);
    at = writeCopy(output, at, here - candidate, length);
    here += length;
    literalFrom = here;
    patience = 32;
  }
  return literalFrom < end ? writeLiteral(input, literalFrom, end, output, at) : at;
}

function hash(word: number): number {
  return Math.imul(word, 0x1e35a7bd) >>> (32 - tableBits);
}

/** How many bytes are the same at `candidate` and `here`; four of them are known to be. */
function matchLength(input: Uint8Array, view: DataView, candidate: number, here: number, end: number): number {
  const distance = here - candidate;
  let at = here + 4;
  while (at + 4 <= end && view.getInt32(at, true) === view.getInt32(at - distance, true)) at += 4;
  while (at < end && input[at] === input[at - distance]) at++;
  return at - here;
}

function writeLiteral(input: Uint8Array, from: number, to: number, output: Uint8Array, outputAt: number): number {
  let at = writeLiteralHead(output, outputAt, to - from);
  // Most literals are short: for those a call costs more than the bytes.
  if (to - from < 33) for (let next = from; next < to; next++) output[at++] = input[next]!;
  else {
    output.set(input.subarray(from, to), at);
    at += to - from;
  }
  return at;
}

/** What stands in front of the `length` bytes of a literal, up to 16,777,216 of them. Returns where they begin. */
export function writeLiteralHead(output: Uint8Array, outputAt: number, length: number): number {
  let at = outputAt;
  const rest = length - 1;
  if (rest < 60) output[at++] = rest << 2;
  else if (rest < 256) {
    output[at++] = 60 << 2;
    output[at++] = rest;
  } else {
    const isLong = rest >= 65_536;
    output[at++] = (isLong ? 62 : 61) << 2;
    output[at++] = rest;
    output[at++] = rest >> 8;
    if (isLong) output[at++] = rest >> 16;
  }
  return at;
}

/** A copy of `length` bytes, at least 4, from `offset` bytes back, at most 65,535. Returns where the next element begins. */
export function writeCopy(output: Uint8Array, outputAt: number, offset: number, length: number): number {
  let at = outputAt;
  let left = length;
  // One element copies at most 64 bytes; the last one must not be left with fewer than 4.
  while (left >= 68) {
    at = writeLongCopy(output, at, offset, 64);
    left -= 64;
  }
  if (left > 64) {
    at = writeLongCopy(output, at, offset, 60);
    left -= 60;
  }
  if (left > 11 || offset >= 2048) return writeLongCopy(output, at, offset, left);
  output[at++] = 1 | ((left - 4) << 2) | ((offset >> 8) << 5);
  output[at++] = offset;
  return at;
}

function writeLongCopy(output: Uint8Array, at: number, offset: number, length: number): number {
  output[at] = 2 | ((length - 1) << 2);
  output[at + 1] = offset;
  output[at + 2] = offset >> 8;
  return at + 3;
}

export function writeVarint(output: Uint8Array, outputAt: number, value: number): number {
  let at = outputAt;
  let left = value;
  while (left > 127) {
    output[at++] = left | 128;
    left >>>= 7;
  }
  output[at++] = left;
  return at;
}
