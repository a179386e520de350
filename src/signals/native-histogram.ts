/**
 * A native histogram: buckets whose bounds follow from `schema`, of which only those that are not empty are kept
 * (Prometheus: model/histogram). `spans` say which buckets the counts are of: `offset` buckets are skipped, then come
 * `length` that have a count.
 */
export type NativeHistogram = IntegerHistogram | FloatHistogram;

export interface HistogramSpan {
  /** Of the first span: the index of its first bucket; of the others: the gap to the span before. */
  readonly offset: number;
  readonly length: number;
}

interface HistogramFields {
  /** −4 to 8: each power of two is cut into 2^schema buckets; −53: see `customValues`. Others are passed on as they come. */
  readonly schema: number;
  /** Of schema −53, whose buckets have bounds of their own: the upper ones, in order and without the last, +Inf. */
  readonly customValues?: readonly number[];
  /** Observations from −threshold to threshold are in the zero bucket. */
  readonly zeroThreshold: number;
  readonly sum: number;
  readonly positiveSpans: readonly HistogramSpan[];
  readonly negativeSpans: readonly HistogramSpan[];
  /** A gauge histogram may go down; for any other a smaller count is a reset. */
  readonly isGauge: boolean;
}

/** Counts are whole. A bucket's count is told by its difference to the bucket before. */
export interface IntegerHistogram extends HistogramFields {
  readonly kind: "integer";
  readonly count: bigint;
  readonly zeroCount: bigint;
  readonly positiveDeltas: readonly bigint[];
  readonly negativeDeltas: readonly bigint[];
}

/** Counts are doubles, each by itself. */
export interface FloatHistogram extends HistogramFields {
  readonly kind: "float";
  readonly count: number;
  readonly zeroCount: number;
  readonly positiveCounts: readonly number[];
  readonly negativeCounts: readonly number[];
}

/** Of histograms with custom buckets (Prometheus: histogram.CustomBucketsSchema); classic ones become such. */
export const customBucketsSchema = -53;
