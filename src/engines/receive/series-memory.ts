import { RequestDecoder } from "../../formats/remote-write/decode.ts";
import type { Clock } from "../../lib/clock.ts";
import { Interner } from "../../signals/interner.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import { SeriesRegistry } from "../../signals/series-registry.ts";

/** How long a series may be silent before it counts as gone. Longer than any usual scrape interval. */
const periodMs = 3_600_000;

/** So many series more than needed are no reason yet to start again. */
const spareSeries = 1000;

/** Whatever the senders do: a table that has grown so large is given up. */
const mostSeries = 2_000_000;

/**
 * The series of all senders, in one table that is given up for a new one when most of its series were not seen for an
 * hour; those that still come are then added anew.
 */
export class SeriesMemory {
  readonly #clock: Clock;
  readonly #interner = new Interner();
  #decoder: RequestDecoder;
  /** By id: whether it has come in this period. */
  #seen = new Uint8Array(0);
  #seenCount = 0;
  #periodStart: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#periodStart = clock.monotonic();
    this.#decoder = this.#newDecoder();
  }

  get size(): number {
    return this.#decoder.registry.table.size;
  }

  /** To be asked for before each request. */
  decoder(): RequestDecoder {
    const isOver = this.#clock.monotonic() - this.#periodStart >= periodMs;
    const isCrowded = isOver && this.size > 2 * this.#seenCount + spareSeries;
    if (isCrowded || this.size > mostSeries) this.#decoder = this.#newDecoder();
    if (isOver || this.size === 0) this.#beginPeriod();
    return this.#decoder;
  }

  note(batches: readonly MetricBatch[]): void {
    if (this.#seen.length < this.size) this.#grow();
    for (const { ids, length, histograms = [] } of batches) {
      for (let row = 0; row < length; row++) this.#see(ids[row] ?? 0);
      for (const { id } of histograms) this.#see(id);
    }
  }

  #see(id: number): void {
    if (this.#seen[id] === 1) return;
    this.#seen[id] = 1;
    this.#seenCount++;
  }

  #beginPeriod(): void {
    this.#periodStart = this.#clock.monotonic();
    this.#seen = new Uint8Array(0);
    this.#seenCount = 0;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(1024, this.size * 2));
    larger.set(this.#seen);
    this.#seen = larger;
  }

  #newDecoder(): RequestDecoder {
    return new RequestDecoder(new SeriesRegistry(this.#interner));
  }
}
