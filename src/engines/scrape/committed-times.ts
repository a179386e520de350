import { grownColumn } from "../../lib/columns.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";

/** The least of 64-bit integers: upstream's too, so a sample at this very time is refused. */
const never = -(2 ** 63);

/** A time that the offsets are begun anew with has this one: there are some 25 days on either side. */
const middle = 2 ** 31;

type CommittedRows = Pick<MetricBatch, "ids" | "timestamps" | "length" | "histograms">;

/**
 * The timestamp that each series was last written with. Prometheus refuses a sample that is not newer, be it a value or a
 * stale marker; usually none is, because scrapes follow one another, and `newest` tells that without a look at any series.
 *
 * A time is kept in four bytes, as milliseconds behind a base that moves along. Where the times of a target are too far
 * apart for that, or no whole milliseconds, they are kept as they are, in eight:
 *
 *     base            never 0                   offsets  0  2147483648  2147498648 …       times = base + offset
 *     │◄── 25 days ──►│◄── 25 days ──►│                  never   first      15 s later
 */
export class CommittedTimes {
  #offsets: Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer> = new Uint32Array(64);
  #base = Number.NaN;
  /** What stands for a series that was never written. */
  #unwritten = 0;
  #newest = never;

  /** Of all series. */
  get newest(): number {
    return this.#newest;
  }

  isNewer(id: number, timestamp: number): boolean {
    return timestamp > this.#newest || timestamp > this.last(id);
  }

  /** Samples of one scrape are compared with those of earlier ones only, so this comes when the scrape is over. */
  commit({ ids, timestamps, length, histograms = [] }: CommittedRows): void {
    for (let row = this.#commitNewest(ids, timestamps, length); row < length; row++) {
      this.set(ids[row]!, timestamps[row]!);
    }
    for (const { id, timestamp } of histograms) this.set(id, timestamp);
  }

  last(id: number): number {
    const offset = this.#offsets[id] ?? this.#unwritten;
    return offset === this.#unwritten ? never : this.#base + offset;
  }

  set(id: number, timestamp: number): void {
    if (timestamp > this.#newest) this.#newest = timestamp;
    else if (timestamp <= this.last(id)) return;
    this.reserve(id + 1);
    if (!this.#fits(timestamp - this.#base)) this.#moveBase(timestamp);
    this.#offsets[id] = timestamp - this.#base;
  }

  reserve(size: number): void {
    this.#offsets = grownColumn(this.#offsets, size, this.#unwritten);
  }

  /** The first rows, as many as have the same time, if it is newer than all there were. Returns how many those are. */
  #commitNewest(ids: Uint32Array, timestamps: Float64Array, length: number): number {
    const timestamp = timestamps[0]!;
    if (length === 0 || !(timestamp > this.#newest)) return 0;
    this.set(ids[0]!, timestamp);
    const offset = timestamp - this.#base;
    let row = 1;
    for (; row < length && timestamps[row] === timestamp; row++) {
      const id = ids[row]!;
      if (id >= this.#offsets.length) this.reserve(id + 1);
      this.#offsets[id] = offset;
    }
    return row;
  }

  #fits(offset: number): boolean {
    return this.#offsets instanceof Float64Array || (offset > 0 && offset >>> 0 === offset);
  }

  /** So that the time fits, and all others still do. */
  #moveBase(timestamp: number): void {
    const base = timestamp - middle;
    const shift = Number.isNaN(this.#base) ? 0 : base - this.#base;
    const written = this.#offsets.filter((offset) => offset !== this.#unwritten);
    if (Number.isSafeInteger(base) && written.every((offset) => this.#fits(offset - shift))) {
      this.#base = base;
      this.#offsets = this.#offsets.map((offset) => (offset === this.#unwritten ? offset : offset - shift));
    } else this.#widen();
  }

  #widen(): void {
    this.#offsets = Float64Array.from(this.#offsets.keys(), (id) => this.last(id));
    this.#unwritten = never;
    this.#base = 0;
  }
}
