import type { NativeHistogram } from "../../signals/native-histogram.ts";
import { type Buckets, bucketsIn, bucketsOf, countsFrom, mergeBuckets } from "./histogram-buckets.ts";
import { withFloatBuckets, withIntegerBuckets } from "./histogram-rules.ts";

/** Schemas of buckets that grow by a factor; only these can be merged (Prometheus: histogram.ExponentialSchemaMin, Max). */
const minSchema = -4;
const maxSchema = 8;

/** The highest schema whose buckets grow by at least `factor`; for a factor that says nothing, the highest there is. */
export function schemaForFactor(factor: number): number {
  if (factor <= 1) return maxSchema;
  const schema = 0 - Math.ceil(Math.log2(Math.log2(factor)));
  return Math.min(maxSchema, Math.max(minSchema, schema));
}

/** Merges buckets until the schema is no higher than `schema`. */
export function limitSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  return histogram.schema > schema && histogram.schema <= maxSchema ? reduceResolution(histogram, schema) : histogram;
}

/** Halves the resolution until there are no more buckets than `limit`; undefined where that cannot be reached. */
export function limitBuckets(histogram: NativeHistogram, limit: number): NativeHistogram | undefined {
  let fitting = histogram;
  while (bucketsIn(fitting.positiveSpans) + bucketsIn(fitting.negativeSpans) > limit) {
    if (fitting.schema <= minSchema || fitting.schema > maxSchema) return undefined;
    fitting = reduceResolution(fitting, fitting.schema - 1);
  }
  return fitting;
}

/** The histogram must be compact, and `schema` lower than its own. */
export function reduceResolution(histogram: NativeHistogram, schema: number): NativeHistogram {
  const steps = histogram.schema - schema;
  const { positiveSpans, negativeSpans } = histogram;
  if (histogram.kind === "integer") {
    const merge = (buckets: Buckets<bigint>) => mergeBuckets(buckets, steps, (a, b) => a + b);
    const positive = merge(bucketsOf(positiveSpans, countsFrom(histogram.positiveDeltas)));
    const negative = merge(bucketsOf(negativeSpans, countsFrom(histogram.negativeDeltas)));
    return { ...withIntegerBuckets(histogram, positive, negative), schema };
  }
  const merge = (buckets: Buckets<number>) => mergeBuckets(buckets, steps, (a, b) => a + b);
  const positive = merge(bucketsOf(positiveSpans, histogram.positiveCounts));
  const negative = merge(bucketsOf(negativeSpans, histogram.negativeCounts));
  return { ...withFloatBuckets(histogram, positive, negative), schema };
}
