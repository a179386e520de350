import { endianness } from "node:os";

const low = endianness() === "LE" ? 0 : 1;

/**
 * Takes timestamps apart into seconds and nanoseconds. A BigInt for each entry would be garbage by the hundred thousand, so
 * one division serves as long as the upper half of the number is the same, for 4.3 seconds of time:
 *
 *     timestamp = upper · 2³² + lower        upper · 2³² = seconds · 10⁹ + nanos, remembered
 */
export class Instants {
  /** Rounded down. */
  seconds = 0;
  /** From 0 to 999,999,999. */
  nanos = 0;
  #halves: Uint32Array = new Uint32Array(0);
  #upper = 0;
  #upperSeconds = 0;
  #upperNanos = 0;

  open({ buffer, byteOffset, length }: BigInt64Array): void {
    this.#halves = new Uint32Array(buffer, byteOffset, 2 * length);
  }

  /** Takes that timestamp apart. */
  read(at: number): void {
    const upper = this.#halves[2 * at + 1 - low]!;
    if (upper !== this.#upper) this.#divide(upper);
    const nanos = this.#upperNanos + this.#halves[2 * at + low]!;
    const more = Math.floor(nanos / 1e9);
    this.seconds = this.#upperSeconds + more;
    this.nanos = nanos - more * 1e9;
  }

  #divide(upper: number): void {
    const timestamp = BigInt.asIntN(32, BigInt(upper)) << 32n;
    const nanos = ((timestamp % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    this.#upper = upper;
    this.#upperNanos = Number(nanos);
    this.#upperSeconds = Number((timestamp - nanos) / 1_000_000_000n);
  }
}
