import type { MetricBatch } from "../../signals/metric-batch.ts";

interface IncomingMeters {
  readonly samplesIn: { inc(value: number): void };
  readonly histogramsIn: { inc(value: number): void };
  readonly exemplarsIn: { inc(value: number): void };
  readonly highestIn: { set(value: number): void };
}

/** Counts what comes in; in numbers of its own, and from time to time as metrics, because batches come often. */
export class IncomingCounts {
  readonly #meters: IncomingMeters;
  #samples = 0;
  #histograms = 0;
  #exemplars = 0;
  #highest = 0;

  constructor(meters: IncomingMeters) {
    this.#meters = meters;
  }

  note({ length, timestamps, histograms, exemplars }: MetricBatch): void {
    this.#samples += length;
    if (histograms !== undefined) this.#histograms += histograms.length;
    if (exemplars !== undefined) this.#exemplars += exemplars.length;
    // Of a scrape all rows but those that bring their own have the same time; the last ones are the scrape's own.
    const last = timestamps[length - 1] ?? 0;
    if (last > this.#highest) this.#highest = last;
  }

  show(): void {
    const { samplesIn, histogramsIn, exemplarsIn, highestIn } = this.#meters;
    samplesIn.inc(this.#samples);
    histogramsIn.inc(this.#histograms);
    exemplarsIn.inc(this.#exemplars);
    if (this.#highest > 0) highestIn.set(this.#highest / 1000);
    this.#samples = 0;
    this.#histograms = 0;
    this.#exemplars = 0;
  }
}
