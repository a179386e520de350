import { labelsFrom } from "../../signals/labels.ts";
import type { Exemplar, HistogramSample, MetricBatch } from "../../signals/metric-batch.ts";
import type { SeriesRegistry } from "../../signals/series-registry.ts";
import type { ReceivedSeries } from "./received-series.ts";

/** What a request holds. */
export interface ReceivedRequest {
  /** To be sent on one behind the other. */
  readonly batches: readonly MetricBatch[];
  /** Of the batches: values and markers, histograms and their markers, exemplars. */
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** Records of series that are in no batch, because they are not valid. */
  readonly refused: number;
  /** Why, for the first of them. */
  readonly reasons: readonly string[];
}

const maxReasons = 10;

/**
 * Collects the series of a request as batches. In a batch the values come first, the stale markers behind them, then the
 * histograms: where that would turn the order of one series round, a new batch begins.
 *
 *     sent         a 1   b stale   a 2   b 3
 *     batches      a 1   a 2 ┆ b stale         b 3 ┆
 */
export class ReceivedRows {
  readonly #registry: SeriesRegistry;
  readonly #nextLayout: () => number;
  readonly #batches: MetricBatch[] = [];
  #columns = new Columns();
  #samples = 0;
  #histograms = 0;
  #exemplars = 0;
  #refused = 0;
  readonly #reasons: string[] = [];

  constructor(registry: SeriesRegistry, nextLayout: () => number) {
    this.#registry = registry;
    this.#nextLayout = nextLayout;
  }

  /** Returns the id of the series; undefined: it is not valid. */
  add(series: ReceivedSeries): number | undefined {
    const labels = series.labels();
    if (!("refused" in labels)) {
      const id = this.#registry.id(labels);
      this.addKnown(series, id);
      return id;
    }
    this.#refused += series.records;
    if (this.#reasons.length < maxReasons) this.#reasons.push(labels.refused);
    return undefined;
  }

  /** Adds a valid series whose labels were looked at before. */
  addKnown(series: ReceivedSeries, id: number): void {
    const { samples, values, timestamps, stale, starts } = series;
    for (let at = 0; at < samples; at++) {
      this.#addSample(id, values[at]!, timestamps[at]!, stale[at] === 1, starts[at]!);
    }
    for (const { histogram, timestamp, start } of series.histograms) {
      if (histogram === undefined) this.#addSample(id, Number.NaN, timestamp, true, 0);
      else this.#columns.addHistogram({ id, histogram, timestamp, ...(start !== 0 && { startTimestamp: start }) });
    }
    for (const { texts, value, timestamp } of series.exemplars) {
      this.#columns.exemplars.push({ id, labels: sortedLabels(texts), value, timestamp });
    }
    this.#samples += samples;
    this.#histograms += series.histograms.length;
    this.#exemplars += series.exemplars.length;
  }

  finish(): ReceivedRequest {
    this.#close();
    return {
      batches: this.#batches,
      samples: this.#samples,
      histograms: this.#histograms,
      exemplars: this.#exemplars,
      refused: this.#refused,
      reasons: this.#reasons,
    };
  }

  #addSample(id: number, value: number, timestamp: number, isStale: boolean, start: number): void {
    if (this.#columns.hasLater(id, isStale)) this.#close();
    if (isStale) this.#columns.addStale(id, timestamp);
    else this.#columns.addValue(id, value, timestamp, start);
  }

  #close(): void {
    const batch = this.#columns.batch(this.#registry.table, this.#nextLayout);
    if (batch !== undefined) this.#batches.push(batch);
    this.#columns = new Columns();
  }
}

/** The batch that is being filled. */
class Columns {
  readonly #ids: number[] = [];
  readonly #values: number[] = [];
  readonly #timestamps: number[] = [];
  /** As far as there are any; those of later rows are 0. */
  readonly #starts: number[] = [];
  readonly #staleIds: number[] = [];
  readonly #staleTimestamps: number[] = [];
  readonly #histograms: HistogramSample[] = [];
  readonly exemplars: Exemplar[] = [];
  readonly #staleSeries = new Set<number>();
  readonly #histogramSeries = new Set<number>();

  /** Whether the batch has something of the series that must not come behind the next row. */
  hasLater(id: number, isStale: boolean): boolean {
    return this.#histogramSeries.has(id) || (!isStale && this.#staleSeries.has(id));
  }

  addValue(id: number, value: number, timestamp: number, start: number): void {
    if (start !== 0) {
      while (this.#starts.length < this.#ids.length) this.#starts.push(0);
      this.#starts.push(start);
    }
    this.#ids.push(id);
    this.#values.push(value);
    this.#timestamps.push(timestamp);
  }

  addStale(id: number, timestamp: number): void {
    this.#staleIds.push(id);
    this.#staleTimestamps.push(timestamp);
    this.#staleSeries.add(id);
  }

  addHistogram(sample: HistogramSample): void {
    this.#histograms.push(sample);
    this.#histogramSeries.add(sample.id);
  }

  /** Undefined: there is nothing in it. */
  batch(series: MetricBatch["series"], nextLayout: () => number): MetricBatch | undefined {
    const staleFrom = this.#ids.length;
    const length = staleFrom + this.#staleIds.length;
    if (length + this.#histograms.length + this.exemplars.length === 0) return undefined;
    const ids = Uint32Array.from([...this.#ids, ...this.#staleIds]);
    const values = new Float64Array(length).fill(Number.NaN, staleFrom);
    values.set(this.#values);
    const timestamps = Float64Array.from([...this.#timestamps, ...this.#staleTimestamps]);
    return {
      series,
      layout: nextLayout(),
      ids,
      values,
      timestamps,
      length,
      ...(this.#starts.length > 0 && {
        startTimestamps: Float64Array.from({ length }, (_, at) => this.#starts[at] ?? 0),
      }),
      staleFrom,
      ...(this.#histograms.length > 0 && { histograms: this.#histograms }),
      ...(this.exemplars.length > 0 && { exemplars: this.exemplars }),
    };
  }
}

/** Senders need not sort an exemplar's labels. */
function sortedLabels(texts: readonly string[]): Exemplar["labels"] {
  return labelsFrom(Object.fromEntries(texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1]!]] : []))));
}
