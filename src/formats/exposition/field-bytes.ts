/**
 * The bytes of some fields of a message, as a key: where the fields stand side by side, as encoders write them, that is a
 * part of the message; where others are in between, a copy without those.
 */
export class FieldBytes {
  #source: Buffer = Buffer.alloc(0);
  #ranges: number[] = [];
  bytes = this.#source;
  from = 0;
  to = 0;

  /** Begins anew, with fields of this buffer. */
  open(source: Buffer): void {
    this.#source = source;
    this.#ranges.length = 0;
  }

  /** Adds the field that stands there, its tag included. */
  add(from: number, to: number): void {
    const ranges = this.#ranges;
    if (ranges.at(-1) === from) ranges[ranges.length - 1] = to;
    else ranges.push(from, to);
  }

  /** Sets `bytes`, `from` and `to`. */
  close(): void {
    const ranges = this.#ranges;
    if (ranges.length <= 2) {
      this.bytes = this.#source;
      this.from = ranges[0] ?? 0;
      this.to = ranges[1] ?? 0;
      return;
    }
    const parts: Buffer[] = [];
    for (let at = 0; at < ranges.length; at += 2) parts.push(this.#source.subarray(ranges[at], ranges[at + 1]));
    this.bytes = Buffer.concat(parts);
    this.from = 0;
    this.to = this.bytes.length;
  }
}
