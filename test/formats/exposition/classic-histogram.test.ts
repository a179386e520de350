import fc from "fast-check";
import { expect, test } from "vitest";
import { ClassicHistogram } from "../../../src/formats/exposition/classic-histogram.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";

type Buckets = readonly (readonly [bound: number, upTo: number])[];

function converted(buckets: Buckets, count?: number, sum = 0): NativeHistogram | undefined {
  const classic = new ClassicHistogram();
  for (const [bound, upTo] of buckets) classic.setBucket(bound, upTo);
  if (count !== undefined) classic.setCount(count);
  classic.setSum(sum);
  return classic.convert();
}

/** The counts of all buckets, empty ones too, by their upper bound. */
function counts({ customValues = [], positiveSpans, ...histogram }: NativeHistogram): [number, number][] {
  const bounds = [...customValues, Number.POSITIVE_INFINITY];
  const found = new Map(bounds.map((bound) => [bound, 0]));
  const values =
    histogram.kind === "float"
      ? [...histogram.positiveCounts]
      : histogram.positiveDeltas.map((_, at) =>
          histogram.positiveDeltas
            .slice(0, at + 1)
            .map(Number)
            .reduce(plus, 0),
        );
  let index = 0;
  for (const { offset, length } of positiveSpans) {
    index += offset;
    for (let end = index + length; index < end; index++) found.set(bounds[index]!, values.shift()!);
  }
  expect(values).toEqual([]);
  return [...found];
}

const plus = (a: number, b: number) => a + b;

test("buckets, sum and count become a native histogram with custom buckets", () => {
  const buckets: Buckets = [
    [0.5, 1],
    [1, 3],
    [5, 3],
    [Number.POSITIVE_INFINITY, 7],
  ];
  expect(converted(buckets, 7, 18.5)).toEqual({
    kind: "integer",
    schema: -53,
    zeroThreshold: 0,
    sum: 18.5,
    customValues: [0.5, 1, 5],
    positiveSpans: [{ offset: 0, length: 4 }],
    negativeSpans: [],
    isGauge: false,
    count: 7n,
    zeroCount: 0n,
    positiveDeltas: [1n, 1n, -2n, 4n],
    negativeDeltas: [],
  });
});

test("counts that are not whole, or too large for an integer, make a histogram of doubles without empty buckets", () => {
  const buckets: Buckets = [
    [1, 0.5],
    [2, 0.5],
    [3, 2],
  ];
  expect(converted(buckets, 2)).toEqual({
    kind: "float",
    schema: -53,
    zeroThreshold: 0,
    sum: 0,
    customValues: [1, 2, 3],
    positiveSpans: [
      { offset: 0, length: 1 },
      { offset: 1, length: 1 },
    ],
    negativeSpans: [],
    isGauge: false,
    count: 2,
    zeroCount: 0,
    positiveCounts: [0.5, 1.5],
    negativeCounts: [],
  });
  expect(converted([[1, 2 ** 63]])?.kind).toBe("float");
  expect(converted([[1, 2 ** 62]])?.kind).toBe("integer");
});

test("gaps of one or two empty buckets stay, and longer ones become spans", () => {
  const upTo = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4];
  expect(converted(upTo.map((count, at) => [at, count]))).toMatchObject({
    positiveSpans: [
      { offset: 1, length: 6 },
      { offset: 3, length: 1 },
    ],
    positiveDeltas: [1n, -1n, 1n, -1n, 0n, 1n, 0n],
  });
});

test("samples that do not go together make none", () => {
  const f = (buckets: Buckets, count?: number) => expect(converted(buckets, count)).toBeUndefined();
  const inf = Number.POSITIVE_INFINITY;
  f([
    [1, 3],
    [2, 2],
  ]);
  f([
    [2, 2],
    [1, 3],
  ]);
  f([
    [1, 1],
    [3, 3],
    [2, 4],
  ]);
  f([[1, -1]]);
  f(
    [
      [1, 1],
      [inf, 3],
    ],
    4,
  );
  f([[1, 1]], 0);
  f([[1, 1]], -1);
  f(
    [
      [1, 1],
      [inf, Number.NaN],
    ],
    Number.NaN,
  );
  f([[Number.NEGATIVE_INFINITY, 1]]);
});

test("the count stands for a missing bucket of +Inf, and that bucket for a missing count", () => {
  expect(converted([[1, 2]], 5)).toMatchObject({ customValues: [1], count: 5n, positiveDeltas: [2n, 1n] });
  expect(
    converted([
      [1, 2],
      [2, 5],
    ]),
  ).toMatchObject({ customValues: [1, 2], count: 5n, positiveDeltas: [2n, 1n] });
  expect(converted([[Number.POSITIVE_INFINITY, 5]])).toMatchObject({ customValues: [], count: 5n });
  expect(converted([], 5)).toMatchObject({ customValues: [], count: 5n, positiveDeltas: [5n] });
  expect(converted([])).toMatchObject({ customValues: [], count: 0n, positiveSpans: [] });
});

test("a histogram that is used again has forgotten everything", () => {
  const classic = new ClassicHistogram();
  classic.setBucket(1, 5);
  classic.setBucket(2, 3);
  classic.setCount(7);
  classic.setSum(7);
  expect(classic.convert()).toBeUndefined();
  classic.clear();
  classic.setBucket(3, 1);
  expect(classic.convert()).toMatchObject({ customValues: [3], count: 1n, sum: 0 });
});

test("whatever the counts and their order, each bucket keeps its own", () => {
  const bucket = fc.record({
    bound: fc.double({ noNaN: true, min: -1e6 }),
    count: fc.oneof(
      fc.nat({ max: 3 }),
      fc.double({ min: 0, max: 4, noNaN: true }).map((half) => Math.round(half * 2) / 2),
    ),
  });
  const histogram = fc.uniqueArray(bucket, { selector: ({ bound }) => bound + 0, minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(histogram, fc.infiniteStream(fc.nat()), (buckets, random) => {
      const sorted = buckets.toSorted((a, b) => a.bound - b.bound);
      const totalTo = (at: number) =>
        sorted
          .slice(0, at + 1)
          .map(({ count }) => count)
          .reduce(plus, 0);
      const cumulative = sorted.map(({ bound }, at) => [bound, totalTo(at)] as const);
      const shuffled = cumulative.map((one) => [random.next().value as number, one] as const).sort(([a], [b]) => a - b);
      const native = converted(shuffled.map(([, one]) => one));
      const expected = new Map<number, number>([[Number.POSITIVE_INFINITY, 0]]);
      for (const { bound, count } of buckets) expected.set(bound, count);
      expect(new Map(counts(native!))).toEqual(expected);
      expect(native!.kind).toBe(cumulative.every(([, upTo]) => Number.isInteger(upTo)) ? "integer" : "float");
    }),
  );
});
