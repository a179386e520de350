import {
  customBucketsSchema,
  type FloatHistogram,
  type HistogramSpan,
  type IntegerHistogram,
  type NativeHistogram,
} from "../../signals/native-histogram.ts";
import { ExpositionError } from "./exposition-error.ts";
import { type Buckets, bucketsIn, bucketsOf, countsFrom, deltasOf, spansOf } from "./histogram-buckets.ts";

/**
 * The histogram without empty buckets and with as few spans as possible, as Prometheus keeps it. Throws where Prometheus
 * fails the scrape (histogram.Validate): counts that are negative or do not add up, spans that do not fit the counts.
 * Schemas that nobody knows pass, as in 3.5: later releases of Prometheus may know them. Custom buckets have bounds, for
 * which the exposition has no field.
 */
export function compactHistogram(histogram: NativeHistogram): NativeHistogram {
  if (histogram.schema === customBucketsSchema) throw refused(`the schema ${customBucketsSchema}, but no bounds`);
  return histogram.kind === "integer" ? compactInteger(histogram) : compactFloat(histogram);
}

function compactInteger(histogram: IntegerHistogram): IntegerHistogram {
  const positive = checkedBuckets("positive", histogram.positiveSpans, countsFrom(histogram.positiveDeltas));
  const negative = checkedBuckets("negative", histogram.negativeSpans, countsFrom(histogram.negativeDeltas));
  const inBuckets = [...positive.counts, ...negative.counts].reduce((sum, count) => sum + count, histogram.zeroCount);
  // A NaN is counted but is in no bucket, and makes the sum NaN.
  const fits = Number.isNaN(histogram.sum) ? inBuckets <= histogram.count : inBuckets === histogram.count;
  if (!fits) {
    throw new ExpositionError(
      `a native histogram has ${inBuckets} observations in its buckets and a count of ${histogram.count}`,
    );
  }
  return withIntegerBuckets(histogram, positive, negative);
}

function compactFloat(histogram: FloatHistogram): FloatHistogram {
  const positive = checkedBuckets("positive", histogram.positiveSpans, histogram.positiveCounts);
  const negative = checkedBuckets("negative", histogram.negativeSpans, histogram.negativeCounts);
  return withFloatBuckets(histogram, positive, negative);
}

export function withIntegerBuckets(
  histogram: IntegerHistogram,
  positive: Buckets<bigint>,
  negative: Buckets<bigint>,
): IntegerHistogram {
  return {
    ...histogram,
    positiveSpans: spansOf(positive),
    negativeSpans: spansOf(negative),
    positiveDeltas: deltasOf(positive.counts),
    negativeDeltas: deltasOf(negative.counts),
  };
}

export function withFloatBuckets(
  histogram: FloatHistogram,
  positive: Buckets<number>,
  negative: Buckets<number>,
): FloatHistogram {
  return {
    ...histogram,
    positiveSpans: spansOf(positive),
    negativeSpans: spansOf(negative),
    positiveCounts: positive.counts,
    negativeCounts: negative.counts,
  };
}

function checkedBuckets<Count extends bigint | number>(
  side: string,
  spans: readonly HistogramSpan[],
  counts: readonly Count[],
): Buckets<Count> {
  // Lengths can be anything, so nothing is walked through before they are known to add up.
  const expected = bucketsIn(spans);
  if (expected !== counts.length) {
    throw refused(`${side} spans for ${expected} buckets, but ${counts.length} of them`);
  }
  const buckets = bucketsOf(spans, counts);
  for (const [at, index] of buckets.indexes.entries()) {
    if (buckets.counts[at]! < 0) throw refused(`a ${side} bucket with a negative count`);
    if (at > 0 && index <= buckets.indexes[at - 1]!) throw refused(`${side} spans that overlap`);
  }
  return buckets;
}

function refused(what: string): ExpositionError {
  return new ExpositionError(`a native histogram has ${what}`);
}
