import {
  customBucketsSchema,
  type FloatHistogram,
  type IntegerHistogram,
  type NativeHistogram,
} from "../../signals/native-histogram.ts";
import { type Buckets, deltasOf, spansOf } from "./histogram-buckets.ts";

/** So many empty buckets in a row are cheaper to keep than a span that leaves them out (Prometheus: Compact(2)). */
const keptGap = 2;

/**
 * The samples of one classic histogram, on their way to become a native one with custom buckets (Prometheus:
 * convertnhcb.TempHistogram):
 *
 *     h_bucket{le="1"} 2     upper bounds   1  5        customValues  1  5
 *     h_bucket{le="5"} 2     up to there    2  2  7     buckets       2  0  5
 *     h_bucket{le="+Inf"} 7
 */
export class ClassicHistogram {
  readonly #bounds: number[] = [];
  readonly #upTo: number[] = [];
  #count: number | undefined;
  #sum = 0;
  /** Whether no histogram can have such samples. */
  #isBroken = false;

  clear(): void {
    this.#bounds.length = 0;
    this.#upTo.length = 0;
    this.#count = undefined;
    this.#sum = 0;
    this.#isBroken = false;
  }

  /** How many observations there are up to the bound; of two samples for one bound the first counts. */
  setBucket(bound: number, upTo: number): void {
    const at = this.#placeOf(bound);
    const isRepeated = this.#bounds[at] === bound;
    if (upTo < 0) this.#isBroken = true;
    if (isRepeated || this.#isBroken) return;
    if (upTo < this.#upTo[at - 1]! || upTo > this.#upTo[at]!) this.#isBroken = true;
    this.#bounds.splice(at, 0, bound);
    this.#upTo.splice(at, 0, upTo);
  }

  setCount(count: number): void {
    if (count < 0) this.#isBroken = true;
    this.#count = count;
  }

  setSum(sum: number): void {
    this.#sum = sum;
  }

  /** Undefined where the samples do not go together: counts that fall, or another count in all than in the last bucket. */
  convert(): NativeHistogram | undefined {
    const [bounds, upTo] = [[...this.#bounds], [...this.#upTo]];
    const count = this.#count ?? upTo.at(-1) ?? 0;
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) {
      bounds.push(Number.POSITIVE_INFINITY);
      upTo.push(count);
    }
    const falls = upTo.length > 1 && upTo.at(-1)! < upTo.at(-2)!;
    const isBroken = this.#isBroken || falls || bounds[0] === Number.NEGATIVE_INFINITY;
    if (isBroken || upTo.at(-1) !== count) return undefined;
    const customValues = bounds.slice(0, -1);
    return upTo.every(isWhole) ? integer(customValues, upTo, this.#sum) : float(customValues, upTo, this.#sum);
  }

  /** The index of the bound, or where it belongs. Pages have their buckets in order, so the end is looked at first. */
  #placeOf(bound: number): number {
    let at = this.#bounds.length;
    while (at > 0 && this.#bounds[at - 1]! >= bound) at--;
    return at;
  }
}

/** Whether Go's int64 holds it. */
function isWhole(count: number): boolean {
  return Number.isInteger(count) && count < 2 ** 63;
}

function integer(customValues: readonly number[], upTo: readonly number[], sum: number): IntegerHistogram {
  const totals = upTo.map(BigInt);
  const buckets = compact(deltasOf(totals), keptGap);
  return {
    kind: "integer",
    ...fields(customValues, buckets, sum),
    count: totals.at(-1)!,
    zeroCount: 0n,
    positiveDeltas: deltasOf(buckets.counts),
    negativeDeltas: [],
  };
}

function float(customValues: readonly number[], upTo: readonly number[], sum: number): FloatHistogram {
  const counts = upTo.map((total, at) => total - (upTo[at - 1] ?? 0));
  const buckets = compact(counts, 0);
  return {
    kind: "float",
    ...fields(customValues, buckets, sum),
    count: upTo.at(-1)!,
    zeroCount: 0,
    positiveCounts: buckets.counts,
    negativeCounts: [],
  };
}

function fields(customValues: readonly number[], buckets: Buckets<unknown>, sum: number) {
  return {
    schema: customBucketsSchema,
    zeroThreshold: 0,
    sum,
    customValues,
    positiveSpans: spansOf(buckets),
    negativeSpans: [],
    isGauge: false,
  };
}

/** Without empty buckets, but for gaps of up to `gap` of them between others. */
function compact<Count extends bigint | number>(counts: readonly Count[], gap: number): Buckets<Count> {
  const kept: number[] = [];
  for (const [index, count] of counts.entries()) {
    if (Number(count) === 0) continue;
    const next = kept.length === 0 ? index : kept.at(-1)! + 1;
    if (index - next <= gap) for (let empty = next; empty < index; empty++) kept.push(empty);
    kept.push(index);
  }
  return { indexes: kept, counts: kept.map((index) => counts[index]!) };
}
