import { grownColumn } from "../../lib/columns.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";

/** The least of 64-bit integers: upstream's too, so a sample at this very time is refused. */
const never = -(2 ** 63);

/**
 * The timestamp that each series was last written with. Prometheus refuses a sample that is not newer, be it a value or a
 * stale marker; usually none is, because scrapes follow one another, and `newest` tells that without a look at any series.
 */
export class CommittedTimes {
  #times = new Float64Array(64).fill(never);
  #newest = never;

  /** Of all series. */
  get newest(): number {
    return this.#newest;
  }

  isNewer(id: number, timestamp: number): boolean {
    return timestamp > this.#newest || id >= this.#times.length || timestamp > this.#times[id]!;
  }

  /** Samples of one scrape are compared with those of earlier ones only, so this comes when the scrape is over. */
  commit({ series, ids, timestamps, length, histograms = [] }: MetricBatch): void {
    this.#reserve(series.size);
    const times = this.#times;
    for (let row = 0; row < length; row++) {
      const timestamp = timestamps[row]!;
      if (timestamp > times[ids[row]!]!) times[ids[row]!] = timestamp;
      if (timestamp > this.#newest) this.#newest = timestamp;
    }
    for (const { id, timestamp } of histograms) this.set(id, timestamp);
  }

  last(id: number): number {
    return this.#times[id] ?? never;
  }

  set(id: number, timestamp: number): void {
    this.#reserve(id + 1);
    this.#times[id] = Math.max(this.#times[id]!, timestamp);
    this.#newest = Math.max(this.#newest, timestamp);
  }

  #reserve(size: number): void {
    this.#times = grownColumn(this.#times, size, never);
  }
}
