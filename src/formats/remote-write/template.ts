import { writeCopy, writeLiteralHead } from "../../lib/snappy.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import { staleMarker } from "./sample.ts";

/**
 * Rows of a layout as a piece of a Snappy block, compressed once. From scrape to scrape only values and the time change,
 * so these are written into the compressed bytes:
 *
 *     message     │ labels of row 0 │ value │ time │ labels of row 1 │ value │ time │ …
 *     letters       b b b b b b b b   V0…V7   T0…T5  b b b b b b b b   V8…     T0…T5
 *     compressed  │ literal: labels, value, time   │ copy │ literal: value │ copy: time and labels │ …
 *                                   ▲       ▲                        ▲
 *                                   └───────┴── patched ─────────────┘
 *
 * The trick is to compress letters instead of bytes. Every byte of a value is a letter of its own, which matches nothing
 * and so stays in a literal. The bytes of the time are six letters, the same in every row: where a copy brings them, it
 * brings those that were patched into the first row. What comes out decodes to what encode.ts makes of the same rows
 * (its twin), and a sample costs one write of 8 bytes and its share of copying some 20 bytes.
 *
 * All copies stay within the piece, so pieces may follow one another in one block.
 */
export class MessageTemplate {
  /** Of the message that it decodes to. */
  readonly messageLength: number;
  readonly #bytes: Uint8Array;
  readonly #rows: number;
  /** Where the value of each sample goes. */
  readonly #values: Uint32Array;
  /** Where the bytes of the time go: position and number of the byte in turn. */
  readonly #times: readonly number[];

  /** `labelBytes` gives what stands in front of the value of each row (see LabelBytes), once for each row in turn; rows from `staleFrom` on are markers. */
  constructor(scratch: TemplateScratch, labelBytes: (row: number) => Uint8Array, rows: number, staleFrom: number) {
    const letters = spell(scratch, labelBytes, rows, staleFrom);
    const { bytes, values, times } = compress(letters, scratch);
    this.messageLength = letters.length;
    this.#bytes = bytes;
    this.#rows = rows;
    this.#values = values;
    this.#times = times;
  }

  /** Of the compressed piece. */
  get length(): number {
    return this.#bytes.length;
  }

  /**
   * Writes the piece for the rows from `from` on; `time` is the varint of their timestamp. False when one of them has
   * another timestamp: then nothing was written that counts.
   */
  render(out: Uint8Array, view: DataView, at: number, batch: MetricBatch, from: number, time: Uint8Array): boolean {
    const { values, timestamps } = batch;
    const timestamp = timestamps[from]!;
    for (let row = from + 1; row < from + this.#rows; row++) if (timestamps[row] !== timestamp) return false;

    out.set(this.#bytes, at);
    for (let part = 0; part < this.#times.length; part += 2)
      out[at + this.#times[part]!] = time[this.#times[part + 1]!]!;
    const positions = this.#values;
    for (let row = 0; row < positions.length; row++) {
      const value = values[from + row]!;
      const position = at + positions[row]!;
      if (!Number.isNaN(value)) view.setFloat64(position, value, true);
      else {
        view.setUint32(position, 1, true);
        view.setUint32(position + 4, 0x7ff80000, true);
      }
    }
    return true;
  }
}

/** Letters below 256 are bytes that stay. */
const firstTimeLetter = 256;
const firstValueLetter = 512;

/** More rows would need more letters than 16 bits have, and reach further back than a copy can. */
export const maxTemplateRows = 250;

const hashBits = 12;

/** Memory that templates are made in, one after the other. */
export class TemplateScratch {
  letters = new Uint16Array(0);
  before = new Int32Array(0);
  output = new Uint8Array(0);
  readonly last = new Int32Array(1 << hashBits);

  reserve(length: number): void {
    if (length <= this.letters.length) return;
    const capacity = Math.max(length, this.letters.length * 2, 32 * 1024);
    const letters = new Uint16Array(capacity);
    letters.set(this.letters);
    this.letters = letters;
    this.before = new Int32Array(capacity);
    this.output = new Uint8Array(32 + capacity + Math.ceil(capacity / 6));
  }
}

function spell(
  scratch: TemplateScratch,
  labelBytes: (row: number) => Uint8Array,
  rows: number,
  staleFrom: number,
): Uint16Array {
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const head = labelBytes(row);
    scratch.reserve(at + head.length + 15);
    const { letters } = scratch;
    letters.set(head, at);
    at += head.length;
    if (row >= staleFrom) letters.set(staleMarker, at);
    else for (let byte = 0; byte < 8; byte++) letters[at + byte] = firstValueLetter + row * 8 + byte;
    letters[at + 8] = 0x10;
    for (let byte = 0; byte < 6; byte++) letters[at + 9 + byte] = firstTimeLetter + byte;
    at += 15;
  }
  return scratch.letters.subarray(0, at);
}

interface Compressed {
  readonly bytes: Uint8Array;
  readonly values: Uint32Array;
  readonly times: readonly number[];
}

/** Takes the longest match at each place, the nearest of those; everything else becomes literals. */
function compress(letters: Uint16Array, scratch: TemplateScratch): Compressed {
  const output = new LetterOutput(letters, scratch.output);
  const finder = new MatchFinder(letters, scratch);
  for (let from = 0; ; from = finder.at + finder.length) {
    const isFound = finder.find(from);
    output.literal(from, isFound ? finder.at : letters.length);
    if (!isFound) return output.finish();
    output.copy(finder.offset, finder.length);
  }
}

/** What a copy can reach back. */
const maxOffset = 65_535;

/** How many earlier places are looked at for a longer match: this is done once, and its result is sent many times. */
const maxCandidates = 8;

/** A copy holds no more, so a match that is longer gains next to nothing. */
const longEnough = 64;

/** Knows where four letters of the same hash stood, the last place first. */
class MatchFinder {
  /** What was found last. */
  at = 0;
  length = 0;
  offset = 0;
  readonly #letters: Uint16Array;
  readonly #last: Int32Array;
  readonly #before: Int32Array;
  #known = 0;

  constructor(letters: Uint16Array, { last, before }: TemplateScratch) {
    this.#letters = letters;
    this.#last = last.fill(-1);
    this.#before = before;
  }

  /** The first match of four letters or more at or behind `from`. */
  find(from: number): boolean {
    const last = this.#letters.length - 4;
    for (let here = from; here <= last; here++) {
      this.#learnUpTo(here);
      if (this.#findAt(here)) return true;
    }
    return false;
  }

  #findAt(here: number): boolean {
    const [letters, before] = [this.#letters, this.#before];
    let longest = 3;
    let candidate = this.#last[this.#hash(here)]!;
    for (let tries = 0; tries < maxCandidates && candidate >= 0 && here - candidate <= maxOffset; tries++) {
      // Only one that goes on behind the longest so far can be longer.
      if (letters[candidate + longest] === letters[here + longest]) {
        const length = matchLength(letters, candidate, here);
        if (length > longest) {
          longest = length;
          this.offset = here - candidate;
          if (length >= longEnough) break;
        }
      }
      candidate = before[candidate]!;
    }
    this.at = here;
    this.length = longest;
    return longest > 3;
  }

  /** Enters all places in front of `end`. */
  #learnUpTo(end: number): void {
    for (; this.#known < end; this.#known++) {
      const hash = this.#hash(this.#known);
      this.#before[this.#known] = this.#last[hash]!;
      this.#last[hash] = this.#known;
    }
  }

  #hash(at: number): number {
    const letters = this.#letters;
    const low = Math.imul(letters[at]! | (letters[at + 1]! << 16), 0x1e35a7bd);
    return Math.imul(low ^ (letters[at + 2]! | (letters[at + 3]! << 16)), 0x1e35a7bd) >>> (32 - hashBits);
  }
}

function matchLength(letters: Uint16Array, candidate: number, here: number): number {
  const end = letters.length;
  let at = here;
  for (let from = candidate; at < end && letters[from] === letters[at]; from++) at++;
  return at - here;
}

/** The compressed bytes, and where among them are letters that stand for something else. */
class LetterOutput {
  readonly #letters: Uint16Array;
  readonly #bytes: Uint8Array;
  readonly #values: number[] = [];
  readonly #times: number[] = [];
  #length = 0;

  constructor(letters: Uint16Array, bytes: Uint8Array) {
    this.#letters = letters;
    this.#bytes = bytes;
  }

  literal(from: number, to: number): void {
    if (from === to) return;
    this.#length = writeLiteralHead(this.#bytes, this.#length, to - from);
    for (let at = from; at < to; at++) {
      const letter = this.#letters[at]!;
      if (letter >= firstValueLetter) {
        if (letter % 8 === 0) this.#values.push(this.#length);
      } else if (letter >= firstTimeLetter) this.#times.push(this.#length, letter - firstTimeLetter);
      this.#bytes[this.#length++] = letter;
    }
  }

  copy(offset: number, length: number): void {
    this.#length = writeCopy(this.#bytes, this.#length, offset, length);
  }

  finish(): Compressed {
    const bytes = this.#bytes.slice(0, this.#length);
    return { bytes, values: Uint32Array.from(this.#values), times: this.#times };
  }
}
