import type { HistogramSpan } from "../../signals/native-histogram.ts";

/**
 * One side of a native histogram: bucket `indexes[i]` has `counts[i]` observations. Spans say the same with gaps and
 * lengths instead of indexes:
 *
 *     spans     {offset: 2, length: 3}  {offset: 1, length: 1}
 *     indexes             2   3   4               6
 */
export interface Buckets<Count> {
  readonly indexes: readonly number[];
  readonly counts: readonly Count[];
}

/** The buckets that the spans tell, empty ones left out. There must be as many counts as the spans are long. */
export function bucketsOf<Count extends bigint | number>(
  spans: readonly HistogramSpan[],
  counts: readonly Count[],
): Buckets<Count> {
  const kept = { indexes: [] as number[], counts: [] as Count[] };
  let index = 0;
  let at = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let end = at + length; at < end; at++, index++) {
      const count = counts[at]!;
      if (Number(count) === 0) continue;
      kept.indexes.push(index);
      kept.counts.push(count);
    }
  }
  return kept;
}

export function bucketsIn(spans: readonly HistogramSpan[]): number {
  return spans.reduce((sum, { length }) => sum + length, 0);
}

/** The fewest spans for these buckets. */
export function spansOf({ indexes }: Buckets<unknown>): HistogramSpan[] {
  const spans: { offset: number; length: number }[] = [];
  let behind = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === behind) last.length++;
    else spans.push({ offset: index - behind, length: 1 });
    behind = index + 1;
  }
  return spans;
}

/** Buckets of a schema that is lower by `steps`: 2^steps buckets become one. Indexes must go up. */
export function mergeBuckets<Count extends bigint | number>(
  { indexes, counts }: Buckets<Count>,
  steps: number,
  add: (a: Count, b: Count) => Count,
): Buckets<Count> {
  const merged = { indexes: [] as number[], counts: [] as Count[] };
  for (const [at, index] of indexes.entries()) {
    const target = ((index - 1) >> steps) + 1;
    const last = merged.indexes.length - 1;
    if (merged.indexes[last] === target) merged.counts[last] = add(merged.counts[last]!, counts[at]!);
    else {
      merged.indexes.push(target);
      merged.counts.push(counts[at]!);
    }
  }
  return merged;
}

export function countsFrom(deltas: readonly bigint[]): bigint[] {
  let count = 0n;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}

export function deltasOf(counts: readonly bigint[]): bigint[] {
  return counts.map((count, at) => count - (counts[at - 1] ?? 0n));
}
