import fc from "fast-check";
import { expect, test } from "vitest";
import { WriteRequestEncoder } from "../../../src/formats/remote-write/encode.ts";
import { type Labels, labelsFrom, noLabels } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import { SeriesTable } from "../../../src/signals/series-table.ts";
import { decodeWriteRequest, expectedSeries, nanBits, staleBits } from "../../reference/remote-write.ts";
import { batchOf, batchOfIds } from "../../support/batches.ts";

function encode(batches: readonly MetricBatch[], externalLabels: Labels = noLabels) {
  const encoder = new WriteRequestEncoder(externalLabels);
  for (const batch of batches) {
    encoder.append(batch, 0, batch.length);
    encoder.appendHistograms(batch, 0, batch.histograms?.length ?? 0);
    encoder.appendExemplars(batch, 0, batch.exemplars?.length ?? 0);
  }
  return decodeWriteRequest(encoder.take());
}

const text = fc.string({ unit: "binary", maxLength: 20 });
const labels = fc
  .dictionary(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
    fc.oneof(text, fc.string({ minLength: 120, maxLength: 140 })),
  )
  .map(labelsFrom);
const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1));
const timestamp = fc.oneof(
  fc.integer({ min: 1_767_000_000_000, max: 1_767_000_100_000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 1, 2 ** 35 - 1, 2 ** 35, 2 ** 42 - 1, 2 ** 42),
);

const number = value.map((value) => (Object.is(value, -0) ? 0 : value));
const bigint = (bits: number) => fc.bigInt({ min: -(2n ** BigInt(bits)), max: 2n ** BigInt(bits) - 1n });
const spans = fc.array(fc.record({ offset: fc.integer(), length: fc.nat() }), { maxLength: 4 });
const fields = {
  schema: fc.integer({ min: -4, max: 8 }),
  zeroThreshold: number,
  sum: number,
  positiveSpans: spans,
  negativeSpans: spans,
  isGauge: fc.boolean(),
};
const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const deltas = fc.array(fc.oneof(bigint(3), bigint(63)), { maxLength: 5 });
const customValues = fc.option(fc.array(value, { minLength: 1, maxLength: 4 }), { nil: undefined });
const histogram: fc.Arbitrary<NativeHistogram> = fc
  .oneof(
    fc.record({
      kind: fc.constant("integer" as const),
      ...fields,
      count: unsigned,
      zeroCount: unsigned,
      positiveDeltas: deltas,
      negativeDeltas: deltas,
    }),
    fc.record({
      kind: fc.constant("float" as const),
      ...fields,
      count: value,
      zeroCount: value,
      positiveCounts: fc.array(value, { maxLength: 5 }),
      negativeCounts: fc.array(value, { maxLength: 5 }),
    }),
  )
  .chain((one) => customValues.map((bounds): NativeHistogram => (bounds ? { ...one, customValues: bounds } : one)));

const batch = fc
  .record({
    histograms: fc.option(fc.array(fc.record({ id: fc.nat(), histogram, timestamp }), { maxLength: 3 }), {
      nil: undefined,
    }),
    exemplars: fc.array(fc.record({ id: fc.nat(), labels, value: number, timestamp }), { maxLength: 3 }),
    series: fc.array(labels, { minLength: 1, maxLength: 10 }),
    rows: fc.array(fc.record({ id: fc.nat(), value, timestamp }), { maxLength: 30 }),
    stale: fc.nat({ max: 5 }),
  })
  .map(({ series, rows, stale, histograms, exemplars }) => {
    const table = new SeriesTable();
    for (const labels of series) table.add(labels);
    const ids = rows.map(({ id }) => id % series.length);
    const known = <Sample extends { id: number }>(sample: Sample) => ({ ...sample, id: sample.id % series.length });
    return {
      ...batchOfIds(table, ids, rows, Math.max(0, rows.length - stale)),
      ...(histograms && { histograms: histograms.map(known) }),
      exemplars: exemplars.map(known),
    };
  });

test("a message decodes to the rows of its batches", () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 3 }), labels, (batches, externalLabels) => {
      const expected = batches.flatMap((batch) => expectedSeries(batch, externalLabels));
      expect(encode([...batches, ...batches], externalLabels)).toEqual([...expected, ...expected]);
    }),
  );
});

test("a NaN in a histogram has the bits that Prometheus gives it", () => {
  const histogram: NativeHistogram = {
    kind: "integer",
    schema: 0,
    zeroThreshold: 0,
    sum: Number.NaN,
    count: 0n,
    zeroCount: 0n,
    positiveSpans: [],
    negativeSpans: [],
    positiveDeltas: [],
    negativeDeltas: [],
    isGauge: false,
  };
  const encoder = new WriteRequestEncoder(noLabels);
  const batch = { ...batchOf([{ labels: { n: "0" } }]), histograms: [{ id: 0, histogram, timestamp: 1 }] };
  encoder.appendHistograms(batch, 0, 1);
  expect(Buffer.from(encoder.take()).toString("hex")).toBe(
    "0a190a060a016e12013022" + "0f" + "0800" + "19010000000000f87f" + "3000" + "7801",
  );
});

test("any part of a batch can be sent", () => {
  const rows = batchOf([{ labels: { n: "0" } }, { labels: { n: "1" } }, { labels: { n: "2" } }]);
  const encoder = new WriteRequestEncoder(noLabels);
  encoder.append(rows, 1, 3);
  expect(decodeWriteRequest(encoder.take()).map(({ labels }) => labels)).toEqual([[["n", "1"]], [["n", "2"]]]);
});

test("a stale marker and a NaN have the bits that Prometheus gives them", () => {
  const sent = encode([batchOf([{ labels: { n: "nan" }, value: Number.NaN }], [{ labels: { n: "gone" }, value: 7 }])]);
  expect(sent.map(({ samples }) => samples[0]?.bits)).toEqual([nanBits, staleBits]);
});

test("external labels are added where the series has none of the name, in the order of the names", () => {
  const sent = encode(
    [batchOf([{ labels: { __name__: "up", env: "test", zone: "z" } }])],
    labelsFrom({ env: "prod", host: "a", a: "first" }),
  );
  expect(sent[0]?.labels).toEqual([
    ["__name__", "up"],
    ["a", "first"],
    ["env", "test"],
    ["host", "a"],
    ["zone", "z"],
  ]);
});

test("take starts a new message", () => {
  const encoder = new WriteRequestEncoder(noLabels);
  const rows = batchOf([{ labels: { n: "0" } }]);
  encoder.append(rows, 0, 1);
  encoder.take();
  expect(encoder.take().length).toBe(0);
});
