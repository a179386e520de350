import fc from "fast-check";
import { expect, test } from "vitest";
import {
  limitBuckets,
  limitSchema,
  reduceResolution,
  schemaForFactor,
} from "../../../src/formats/exposition/histogram-resolution.ts";
import { compactHistogram } from "../../../src/formats/exposition/histogram-rules.ts";
import type {
  FloatHistogram,
  HistogramSpan,
  IntegerHistogram,
  NativeHistogram,
} from "../../../src/signals/native-histogram.ts";

type Side = { readonly spans: HistogramSpan[]; readonly counts: number[] };

/** Spans with gaps, empty buckets, and now and then a span of nothing. */
const side: fc.Arbitrary<Side> = fc
  .record({
    first: fc.integer({ min: -20, max: 20 }),
    spans: fc.array(fc.record({ offset: fc.nat({ max: 3 }), counts: fc.array(fc.nat({ max: 3 }), { maxLength: 4 }) }), {
      maxLength: 5,
    }),
  })
  .map(({ first, spans }) => ({
    spans: spans.map(({ offset, counts }, at) => ({ offset: at === 0 ? first : offset, length: counts.length })),
    counts: spans.flatMap(({ counts }) => counts),
  }));

const histogram: fc.Arbitrary<NativeHistogram> = fc
  .record({
    positive: side,
    negative: side,
    schema: fc.integer({ min: -4, max: 8 }),
    zeroCount: fc.nat({ max: 5 }),
    isFloat: fc.boolean(),
    isGauge: fc.boolean(),
  })
  .map(({ positive, negative, schema, zeroCount, isFloat, isGauge }) => {
    const fields = {
      schema,
      zeroThreshold: 0.5,
      sum: 1,
      positiveSpans: positive.spans,
      negativeSpans: negative.spans,
      isGauge,
    };
    const count = [...positive.counts, ...negative.counts].reduce((sum, count) => sum + count, zeroCount);
    if (isFloat)
      return {
        kind: "float",
        ...fields,
        count,
        zeroCount,
        positiveCounts: positive.counts,
        negativeCounts: negative.counts,
      } satisfies FloatHistogram;
    const deltas = (counts: number[]) => counts.map((count, at) => BigInt(count - (counts[at - 1] ?? 0)));
    return {
      kind: "integer",
      ...fields,
      count: BigInt(count),
      zeroCount: BigInt(zeroCount),
      positiveDeltas: deltas(positive.counts),
      negativeDeltas: deltas(negative.counts),
    } satisfies IntegerHistogram;
  });

/** The slow twin: counts by index of the bucket, none of them empty, all by themselves. */
function bucketsOf(histogram: NativeHistogram): Record<string, number> {
  const buckets: Record<string, number> = {};
  const fill = (sign: string, spans: readonly HistogramSpan[], counts: readonly number[]) => {
    const indexes: number[] = [];
    let index = 0;
    for (const { offset, length } of spans) {
      index += offset;
      for (let left = length; left > 0; left--) indexes.push(index++);
    }
    for (const [at, count] of counts.entries()) if (count !== 0) buckets[`${sign}${indexes[at]}`] = count;
  };
  const absolute = (deltas: readonly bigint[]) =>
    deltas.map((_, at) => Number(deltas.slice(0, at + 1).reduce((a, b) => a + b)));
  const isFloat = histogram.kind === "float";
  fill("p", histogram.positiveSpans, isFloat ? histogram.positiveCounts : absolute(histogram.positiveDeltas));
  fill("n", histogram.negativeSpans, isFloat ? histogram.negativeCounts : absolute(histogram.negativeDeltas));
  return buckets;
}

function bucketCount({ positiveSpans, negativeSpans }: NativeHistogram): number {
  return [...positiveSpans, ...negativeSpans].reduce((sum, { length }) => sum + length, 0);
}

/** Only gaps between spans, no empty span: that there are no empty buckets, the twin sees. */
function isCompact(histogram: NativeHistogram): boolean {
  const sides = [histogram.positiveSpans, histogram.negativeSpans];
  const hasGaps = sides.every((spans) =>
    spans.every(({ offset, length }, at) => length > 0 && (at === 0 || offset > 0)),
  );
  return hasGaps && bucketCount(histogram) === Object.keys(bucketsOf(histogram)).length;
}

test("compaction changes no bucket, and leaves no empty one", () => {
  fc.assert(
    fc.property(histogram, (histogram) => {
      const compact = compactHistogram(histogram);
      expect(bucketsOf(compact)).toEqual(bucketsOf(histogram));
      expect(isCompact(compact)).toBe(true);
      expect(compactHistogram(compact)).toEqual(compact);
      const { kind, schema, count, zeroCount, sum, isGauge } = histogram;
      expect(compact).toMatchObject({ kind, schema, count, zeroCount, sum, isGauge });
    }),
  );
});

test("a lower resolution has the same observations in the buckets that contain theirs", () => {
  fc.assert(
    fc.property(histogram, fc.integer({ min: 1, max: 6 }), (histogram, steps) => {
      const reduced = reduceResolution(compactHistogram(histogram), histogram.schema - steps);
      const expected: Record<string, number> = {};
      for (const [bucket, count] of Object.entries(bucketsOf(histogram))) {
        // Bucket i reaches up to 2^(i / 2^schema).
        const target = bucket[0] + String(Math.ceil(Number(bucket.slice(1)) / 2 ** steps) + 0);
        expected[target] = (expected[target] ?? 0) + count;
      }
      expect(bucketsOf(reduced)).toEqual(expected);
      expect(isCompact(reduced)).toBe(true);
      expect(reduced.schema).toBe(histogram.schema - steps);
    }),
  );
});

test("a bucket limit takes no more resolution than it must", () => {
  fc.assert(
    fc.property(histogram, fc.integer({ min: 1, max: 12 }), (histogram, limit) => {
      const compact = compactHistogram(histogram);
      const limited = limitBuckets(compact, limit);
      if (limited === undefined) {
        expect(bucketCount(reduceResolution(compact, -4))).toBeGreaterThan(limit);
        return;
      }
      expect(bucketCount(limited)).toBeLessThanOrEqual(limit);
      const next = limited.schema + 1;
      if (limited !== compact)
        expect(bucketCount(next === compact.schema ? compact : reduceResolution(compact, next))).toBeGreaterThan(limit);
    }),
  );
});

test("a factor says which schema is the highest", () => {
  const f = (factor: number, want: number) => expect(schemaForFactor(factor), `${factor}`).toBe(want);
  f(0, 8);
  f(1, 8);
  f(1.00271, 8);
  f(1.0028, 7);
  f(1.1, 2);
  f(1.4, 1);
  f(1.5, 0);
  f(2, 0);
  f(4, -1);
  f(65536, -4);
  f(1e9, -4);
});

test("a histogram whose schema is low enough is left as it is", () => {
  fc.assert(
    fc.property(histogram.map(compactHistogram), fc.nat({ max: 3 }), (histogram, more) => {
      expect(limitSchema(histogram, histogram.schema + more)).toBe(histogram);
    }),
  );
});
