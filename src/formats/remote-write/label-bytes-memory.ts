import { ByteKeys } from "../../lib/byte-keys.ts";

/** In bytes. */
const longestKey = 4096;

const spareKeys = 100;

/**
 * Knows series of remote write 1.0 by the bytes of their labels, which a sender writes the same each time, and mostly
 * behind the same other series:
 *
 *     TimeSeries   │ label │ label │ label │ sample │ exemplar │
 *                  from                    to: a key, if nothing else stands between
 *
 * That takes some two hundred bytes per series, and saves most of the time of reading a request.
 */
export class LabelBytesMemory {
  readonly #keys = new ByteKeys();
  /** By key. */
  readonly #ids: number[] = [];
  #previous = 0;
  #from = 0;
  #to = 0;
  #isWhole = true;

  /** Where all labels of the series are; there may be other fields, too. */
  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  beginRequest(): void {
    this.#previous = 0;
  }

  /** A series begins at `at`. */
  begin(at: number): void {
    this.#from = at;
    this.#to = at;
    this.#isWhole = true;
  }

  /** A label of the series lies from `start` to `end - 1`. */
  extend(start: number, end: number): void {
    if (start !== this.#to) this.#isWhole = false;
    this.#to = end;
  }

  /** The id of the series with these labels. */
  known(bytes: Buffer): number | undefined {
    const key = this.#isWhole ? this.#keys.find(this.#previous, 0, bytes, this.#from, this.#to) : 0;
    if (key === 0) return undefined;
    this.#previous = key;
    return this.#ids[key];
  }

  /** There are `series` of them: more spellings than that are not worth keeping, nor are long ones. */
  remember(bytes: Buffer, id: number, series: number): void {
    if (!this.#isWhole || this.#to - this.#from > longestKey || this.#keys.size > 2 * series + spareKeys) return;
    this.#previous = this.#keys.add(this.#previous, 0, bytes, this.#from, this.#to);
    this.#ids[this.#previous] = id;
  }
}
