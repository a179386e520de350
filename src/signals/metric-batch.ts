import type { Labels } from "./labels.ts";
import type { MetadataSource } from "./metadata.ts";
import type { NativeHistogram } from "./native-histogram.ts";

/**
 * Samples as columns: row i is series `ids[i]` with `values[i]` at `timestamps[i]`.
 *
 *     row      0 … staleFrom-1      staleFrom … length-1
 *     means    a sample             the series ended: a stale marker (its value is ignored)
 *
 * Markers are a row range and not a value, because JavaScript does not keep the payload of a NaN: only an encoder may
 * write the marker's bits (0x7ff0000000000002).
 *
 * The arrays may be longer than `length`, belong to the sender, and are valid only during the synchronous part of
 * `receive`: copy what you need before the first `await`.
 */
export interface MetricBatch {
  readonly series: SeriesLookup;
  /** The same number for the same `series` means: the same ids in the same rows, and the same `staleFrom`. */
  readonly layout: number;
  readonly ids: Uint32Array;
  readonly values: Float64Array;
  /** Milliseconds since the epoch. */
  readonly timestamps: Float64Array;
  /** When the counting of each row's series began, as far as it is known: 0 where it is not. */
  readonly startTimestamps?: Float64Array;
  readonly length: number;
  readonly staleFrom: number;
  /** Samples that are no numbers: they have no row. A series of them ends with a stale marker in a row, like any other. */
  readonly histograms?: readonly HistogramSample[];
  readonly exemplars?: readonly Exemplar[];
}

export interface HistogramSample {
  readonly id: number;
  readonly histogram: NativeHistogram;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** When its counting began, as far as it is known. */
  readonly startTimestamp?: number;
}

/** One observation of a series, and what it was seen in: usually a trace id. */
export interface Exemplar {
  readonly id: number;
  readonly labels: Labels;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** Id to labels. Identity matters: caches are keyed by this object (see SeriesTable). */
export interface SeriesLookup {
  /** Ids are below this; it grows. */
  readonly size: number;
  labels(id: number): Labels;
  /** What is known of the families that the series belong to. */
  readonly metadata?: MetadataSource | undefined;
}
