import { encodeFamilies, type FamilyMessage, familyTypes, gauge, histogram, labelPairs } from "./client-model.ts";

/** Pages with native histograms, by what is special about them. */
export const nativeHistograms = (seconds: number): Record<string, Buffer> => ({
  "whole counts": encodeFamilies(native("h", integer)),
  "float counts": encodeFamilies(native("h", float)),
  "with labels": encodeFamilies(native("h", integer, { b: "2", a: "1" })),
  gauge: encodeFamilies({ ...native("h", integer), type: familyTypes.gaugeHistogram }),
  "with classic buckets": encodeFamilies(native("h", { ...integer, ...withoutCount(classicHistogram) })),
  "classic only": encodeFamilies(histogram("h", classicHistogram)),
  "without observations": encodeFamilies(native("h", { sample_count: 0, sample_sum: 0, zero_threshold: 1e-128 })),
  "one empty span": encodeFamilies(native("h", { sample_count: 0, positive_span: [{ offset: 0, length: 0 }] })),
  "empty buckets": encodeFamilies(
    native("h", {
      sample_count: 4,
      sample_sum: 5,
      schema: 1,
      positive_span: [
        { offset: 0, length: 3 },
        { offset: 2, length: 0 },
        { offset: 0, length: 2 },
      ],
      positive_delta: [0, 1, -1, 0, 3],
    }),
  ),
  "many buckets": encodeFamilies(
    native("h", {
      sample_count: 55,
      sample_sum: 5,
      schema: 8,
      positive_span: [{ offset: 5, length: 10 }],
      positive_delta: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    }),
  ),
  "buckets far apart": encodeFamilies(
    native("h", {
      sample_count: 6,
      sample_sum: 5,
      schema: -4,
      positive_span: Array.from({ length: 6 }, (_, at) => ({ offset: at === 0 ? -100 : 50, length: 1 })),
      positive_delta: [1, 0, 0, 0, 0, 0],
    }),
  ),
  "a sum that is no number": encodeFamilies(native("h", { ...integer, sample_count: 20, sample_sum: Number.NaN })),
  "a count that does not fit": encodeFamilies(native("h", { ...integer, sample_count: 13 })),
  "a schema that does not exist": encodeFamilies(native("h", { ...integer, schema: 9 })),
  "too few deltas": encodeFamilies(native("h", { ...integer, positive_delta: [1, 1] })),
  "a bucket below zero": encodeFamilies(native("h", { ...integer, positive_delta: [1, -2, 4] })),
  "a span that goes back": encodeFamilies(
    native("h", {
      ...integer,
      positive_span: [
        { offset: 0, length: 2 },
        { offset: -1, length: 1 },
      ],
    }),
  ),
  exemplars: encodeFamilies(
    native("h", {
      ...integer,
      exemplars: [
        { label: labelPairs({ t: "b" }), value: 2, timestamp: { seconds: seconds + 2 } },
        { label: labelPairs({ t: "a" }), value: 1, timestamp: { seconds: seconds + 1, nanos: 5_000_000 } },
        { label: labelPairs({ t: "c" }), value: 3 },
      ],
    }),
  ),
  "explicit timestamp": encodeFamilies({
    name: "h",
    type: familyTypes.histogram,
    metric: [{ histogram: integer, timestamp_ms: seconds * 1000 }],
  }),
  duplicate: encodeFamilies(native("h", integer), native("h", integer)),
});

/** Those that mutants descend from. */
export const nativeParents = (seconds: number): Record<string, Buffer> => ({
  "whole counts": encodeFamilies(native("h", integer)),
  "float counts": encodeFamilies(native("h", float)),
  exemplars: encodeFamilies(
    native("h", { ...integer, exemplars: [{ label: labelPairs({ t: "b" }), value: 2, timestamp: { seconds } }] }),
  ),
});

/** A histogram becomes a number, and then a histogram again. */
export const changingHistogram = (): readonly Buffer[] => [
  encodeFamilies(native("h", integer)),
  encodeFamilies(gauge("h", 1)),
  encodeFamilies(native("h", integer)),
];

export const classicHistogram = {
  sample_count: 3,
  sample_sum: 4.5,
  bucket: [
    { cumulative_count: 1, upper_bound: 0.00001 },
    { cumulative_count: 2, upper_bound: 1 },
    { cumulative_count: 3, upper_bound: Number.POSITIVE_INFINITY },
  ],
};

const spans = [
  { offset: 0, length: 2 },
  { offset: 1, length: 1 },
];

const integer = {
  sample_count: 14,
  sample_sum: 18.4,
  schema: 3,
  zero_threshold: 0.001,
  zero_count: 2,
  positive_span: spans,
  positive_delta: [1, 1, 4],
  negative_span: [{ offset: -2, length: 1 }],
  negative_delta: [3],
};

const float = {
  sample_count_float: 7.5,
  sample_sum: 18.4,
  schema: 0,
  zero_threshold: 0.001,
  zero_count_float: 0.5,
  positive_span: spans,
  positive_count: [1, 2.5, 3.5],
};

function native(name: string, fields: FamilyMessage, labels: Readonly<Record<string, string>> = {}): FamilyMessage {
  return { name, type: familyTypes.histogram, metric: [{ label: labelPairs(labels), histogram: fields }] };
}

function withoutCount({ bucket }: { bucket: readonly unknown[] }): FamilyMessage {
  return { bucket };
}
