import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ProtobufMessage, RequestDecoder } from "../../../src/formats/remote-write/decode.ts";
import { WriteRequestEncoder } from "../../../src/formats/remote-write/encode.ts";
import type { ReceivedRequest } from "../../../src/formats/remote-write/received-rows.ts";
import { ProtobufError } from "../../../src/lib/protobuf-reader.ts";
import { Interner } from "../../../src/signals/interner.ts";
import { formatLabels, type Labels, labelsFrom, noLabels } from "../../../src/signals/labels.ts";
import type { MetricBatch } from "../../../src/signals/metric-batch.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import { SeriesRegistry } from "../../../src/signals/series-registry.ts";
import { expectedSeries, nanBits, staleBits } from "../../reference/remote-write.ts";
import { rawRequestV2, type WrittenSeries, writeRequestV1, writeRequestV2 } from "../../reference/write-messages.ts";
import { batchOf } from "../../support/batches.ts";

const write = "prometheus.WriteRequest";
const request = "io.prometheus.write.v2.Request";

function decoder(): RequestDecoder {
  return new RequestDecoder(new SeriesRegistry(new Interner()));
}

const labels = fc
  .tuple(fc.constantFrom("a", "b", "ü:"), fc.dictionary(fc.constantFrom("x", "y", "Z"), fc.string({ unit: "binary" })))
  .map(([name, others]) => labelsFrom({ ...others, __name__: name }));
const double = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1, Infinity, -Infinity));
const value = fc.oneof(
  double.map((value) => new BigUint64Array(Float64Array.of(value).buffer)[0]!),
  fc.constantFrom(staleBits, nanBits),
);
const timestamp = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.maxSafeInteger());
const number = double.map((value) => (Object.is(value, -0) ? 0 : value));
const spans = fc.array(fc.record({ offset: fc.integer(), length: fc.nat({ max: 3 }) }), { maxLength: 3 });
const histogram: fc.Arbitrary<NativeHistogram> = fc
  .record({
    isFloat: fc.boolean(),
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: number,
    sum: number,
    count: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    positiveSpans: spans,
    negativeSpans: spans,
    isGauge: fc.boolean(),
  })
  .map(({ isFloat, count, ...fields }): NativeHistogram => {
    const buckets = (list: readonly { length: number }[]) => list.flatMap(({ length }) => new Array(length).fill(-3));
    const [positive, negative] = [buckets(fields.positiveSpans), buckets(fields.negativeSpans)];
    return isFloat
      ? {
          kind: "float",
          ...fields,
          count: Number(count),
          zeroCount: 2,
          positiveCounts: positive,
          negativeCounts: negative,
        }
      : {
          kind: "integer",
          ...fields,
          count,
          zeroCount: 2n,
          positiveDeltas: positive.map(BigInt),
          negativeDeltas: negative.map(BigInt),
        };
  });

const custom: fc.Arbitrary<NativeHistogram> = fc
  .record({
    histogram,
    bounds: fc.uniqueArray(fc.double({ noNaN: true, min: -1e9, max: 1e9 }).map((bound) => bound + 0)),
  })
  .map(({ histogram, bounds }) => {
    const positive = Array(bounds.length + 1).fill(1);
    return {
      ...histogram,
      schema: -53,
      zeroThreshold: 0,
      ...(bounds.length > 0 && { customValues: bounds.toSorted((a, b) => a - b) }),
      positiveSpans: [{ offset: 0, length: positive.length }],
      negativeSpans: [],
      ...(histogram.kind === "integer"
        ? { kind: "integer", zeroCount: 0n, positiveDeltas: positive.map(BigInt), negativeDeltas: [] }
        : { kind: "float", zeroCount: 0, positiveCounts: positive, negativeCounts: [] }),
    } as NativeHistogram;
  });

const pairs = (flat: Labels) =>
  Array.from({ length: flat.length / 2 }, (_, at) => [flat[at * 2]!, flat[at * 2 + 1]!] as const);
const series: fc.Arbitrary<WrittenSeries> = fc.record({
  labels: labels.map(pairs),
  samples: fc.array(fc.record({ bits: value, timestamp }), { maxLength: 3 }),
  histograms: fc.array(
    fc
      .record(
        { histogram: fc.oneof(histogram, custom), timestamp, sumBits: fc.constantFrom(staleBits, undefined) },
        { requiredKeys: ["histogram", "timestamp"] },
      )
      .map(({ sumBits, ...rest }) => (sumBits === undefined ? rest : { ...rest, sumBits })),
    { maxLength: 2 },
  ),
  exemplars: fc.array(fc.record({ labels: labels.map(pairs), value: number, timestamp }), { maxLength: 2 }),
});

function adder(flow: Record<string, unknown[]>): (key: string, what: unknown) => void {
  return (key, what) => {
    const list = flow[key] ?? [];
    flow[key] = list;
    list.push(what);
  };
}

/** By series, in the order in which receivers see it: rows of a batch, then its histograms. */
function flowOf(batches: readonly MetricBatch[]): Record<string, unknown[]> {
  const flow: Record<string, unknown[]> = {};
  const add = adder(flow);
  for (const batch of batches) {
    for (const { labels, samples, histograms, exemplars } of expectedSeries(batch, noLabels)) {
      const key = formatLabels(labels.flat());
      const undated = histograms.map(({ histogram, timestamp }) => ({ histogram, timestamp }));
      for (const sample of [...samples, ...undated]) add(key, sample);
      for (const exemplar of exemplars) add(`exemplars of ${key}`, exemplar);
    }
  }
  return flow;
}

function wantedFlow(all: readonly WrittenSeries[]): Record<string, unknown[]> {
  const flow: Record<string, unknown[]> = {};
  const add = adder(flow);
  for (const { labels, samples, histograms, exemplars } of all) {
    const key = formatLabels(labels.flat());
    for (const sample of samples) add(key, sample);
    for (const { sumBits, ...sample } of histograms) {
      add(key, sumBits === staleBits ? { bits: staleBits, timestamp: sample.timestamp } : sample);
    }
    for (const exemplar of exemplars) add(`exemplars of ${key}`, exemplar);
  }
  return flow;
}

describe.each([
  [write, writeRequestV1],
  [request, writeRequestV2],
] as const)("%s", (message, encode) => {
  test("every series comes as it was sent, in its order", () => {
    fc.assert(
      fc.property(fc.array(series, { maxLength: 8 }), (all) => {
        const same = decoder();
        const got = same.decode(encode(all), message);
        expect(flowOf(got.batches)).toEqual(wantedFlow(all));
        expect(flowOf(same.decode(encode(all.toReversed()), message).batches)).toEqual(wantedFlow(all.toReversed()));
        const count = (pick: (series: WrittenSeries) => readonly unknown[]) =>
          all.reduce((sum, one) => sum + pick(one).length, 0);
        expect(got).toMatchObject({
          samples: count(({ samples }) => samples),
          histograms: count(({ histograms }) => histograms),
          exemplars: count(({ exemplars }) => exemplars),
          refused: 0,
          reasons: [],
        });
      }),
    );
  });

  test("stale markers are the last rows of a batch, and a layout is never given twice", () => {
    const same = decoder();
    const layouts = new Set<number>();
    fc.assert(
      fc.property(fc.array(series, { maxLength: 8 }), (all) => {
        for (const { layout, length, staleFrom } of same.decode(encode(all), message).batches) {
          expect(staleFrom).toBeLessThanOrEqual(length);
          expect(layouts.has(layout)).toBe(false);
          layouts.add(layout);
        }
      }),
    );
  });

  test("a message that is cut off anywhere, or whose bytes are turned over, is read or refused", () => {
    const sample = fc.sample(series, { numRuns: 8, seed: 7 });
    const bytes = encode(sample);
    const decode = (message_: Buffer) => {
      try {
        decoder().decode(message_, message);
        return "read";
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
        return "refused";
      }
    };
    const outcomes = new Set<string>();
    for (let length = 0; length < bytes.length; length++) outcomes.add(decode(bytes.subarray(0, length)));
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= flip;
        outcomes.add(decode(damaged));
      }
    }
    expect([...outcomes].toSorted()).toEqual(["read", "refused"]);
  });

  test("any bytes are read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decoder().decode(Buffer.from(bytes), message);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtobufError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("series that are not valid are left out and told", () => {
    const f = (labels: [string, string][], want: string | undefined) => {
      const bad = {
        labels,
        samples: [
          { bits: 0n, timestamp: 1 },
          { bits: 0n, timestamp: 2 },
        ],
        histograms: [],
        exemplars: [],
      };
      const good = { ...bad, labels: [["__name__", "good"]] as const };
      const got = decoder().decode(encode([bad, good]), message);
      if (want !== undefined) expect(got).toMatchObject({ samples: 2, refused: 2, reasons: [want] });
      else expect(got).toMatchObject({ samples: 4, refused: 0, reasons: [] });
    };
    f(
      [
        ["__name__", "a"],
        ["b", "1"],
      ],
      undefined,
    );
    f(
      [
        ["__name__", "a"],
        ["b", ""],
      ],
      undefined,
    );
    f([], "there is no __name__ in the series {}");
    f([["b", "1"]], 'there is no __name__ in the series {b="1"}');
    f([["__name__", ""]], 'there is no __name__ in the series {__name__=""}');
    f(
      [
        ["", "1"],
        ["__name__", "a"],
      ],
      'a label has no name in the series {="1", __name__="a"}',
    );
    f(
      [
        ["__name__", "a"],
        ["b", "1"],
        ["b", "2"],
      ],
      'the label "b" comes twice in the series {__name__="a", b="1", b="2"}',
    );
    f(
      [
        ["b", "1"],
        ["__name__", "a"],
      ],
      'the labels are not sorted ("__name__" comes too late) in the series {b="1", __name__="a"}',
    );
    f(
      [
        ["__name__", "a"],
        ["b", "x".repeat(70_000)],
      ],
      `the labels are longer than 65536 characters in the series {__name__="a", b="${"x".repeat(100)}"}`,
    );
  });

  test("histograms that nobody could read are refused", () => {
    const f = (histogram: NativeHistogram, want: string) => {
      const one: WrittenSeries = {
        labels: [["__name__", "h"]],
        samples: [],
        histograms: [{ histogram, timestamp: 1 }],
        exemplars: [],
      };
      expect(decoder().decode(encode([one]), message)).toMatchObject({
        batches: [],
        histograms: 0,
        refused: 1,
        reasons: [want],
      });
    };
    const good: NativeHistogram = {
      kind: "integer",
      schema: 1,
      sum: 1,
      count: 1n,
      zeroCount: 0n,
      zeroThreshold: 0,
      isGauge: false,
      positiveSpans: [{ offset: 0, length: 1 }],
      positiveDeltas: [1n],
      negativeSpans: [],
      negativeDeltas: [],
    };
    f(
      { ...good, positiveDeltas: [] },
      'the spans and the buckets of a native histogram do not agree in the series {__name__="h"}',
    );
    const custom = { ...good, schema: -53, customValues: [1, 2] };
    const refused = (histogram: Partial<NativeHistogram>, want: string) =>
      f({ ...custom, ...histogram } as NativeHistogram, `${want} in the series {__name__="h"}`);
    const beyond = "a native histogram has buckets beyond its custom bounds";
    refused({ positiveSpans: [{ offset: 3, length: 1 }] }, beyond);
    refused({ positiveSpans: [{ offset: -1, length: 1 }] }, beyond);
    refused({ customValues: [], positiveSpans: [{ offset: 1, length: 1 }] }, beyond);
    const down = "the custom buckets of a native histogram do not go up";
    refused({ customValues: [1, 1] }, down);
    refused({ customValues: [Number.NEGATIVE_INFINITY, 1] }, down);
    refused({ customValues: [Number.NaN] }, down);
    refused(
      { customValues: [1, Number.POSITIVE_INFINITY] },
      "the custom buckets of a native histogram end with +Inf, which is understood",
    );
    const others = "a native histogram with custom buckets has negative buckets or a zero bucket";
    refused({ zeroThreshold: 1 }, others);
    refused({ zeroCount: 1n }, others);
    refused({ negativeSpans: [{ offset: 0, length: 1 }], negativeDeltas: [1n] }, others);
  });
});

test("what the agent's own encoder has written comes back", () => {
  const batch: MetricBatch = {
    ...batchOf(
      [
        { labels: { __name__: "a", job: "x" }, value: 1.5, timestamp: 1000 },
        { labels: { __name__: "b" }, value: Number.NaN, timestamp: 1000 },
      ],
      [{ labels: { __name__: "c", job: "x" }, timestamp: 1001 }],
    ),
    exemplars: [{ id: 0, labels: ["trace_id", "1"], value: 2, timestamp: 999 }],
  };
  const encoder = new WriteRequestEncoder(noLabels);
  encoder.append(batch, 0, batch.length);
  encoder.appendExemplars(batch, 0, 1);
  const got: ReceivedRequest = decoder().decode(Buffer.from(encoder.take()), write);
  expect(got.batches.flatMap((one) => expectedSeries(one, noLabels))).toEqual(expectedSeries(batch, noLabels));
});

test("a sample behind a stale marker of its series begins a new batch", () => {
  const at = (bits: bigint, timestamp: number) => ({ bits, timestamp });
  const one = (name: string, samples: WrittenSeries["samples"]): WrittenSeries => ({
    labels: [["__name__", name]],
    samples,
    histograms: [],
    exemplars: [],
  });
  const all = [one("a", [at(staleBits, 1), at(0n, 2)]), one("b", [at(staleBits, 1)]), one("c", [at(0n, 1)])];
  const { batches } = decoder().decode(writeRequestV1(all), write);
  expect(batches.map(({ ids, length, staleFrom }) => ({ ids: [...ids], length, staleFrom }))).toEqual([
    { ids: [0], length: 1, staleFrom: 0 },
    { ids: [0, 2, 1], length: 3, staleFrom: 2 },
  ]);
});

test("labels that other fields stand between, or in front of, are read all the same", () => {
  const delimited = (field: number, content: Buffer) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), content]);
  const label = (name: string, value: string) =>
    delimited(1, Buffer.concat([delimited(1, Buffer.from(name)), delimited(2, Buffer.from(value))]));
  const sample = delimited(2, Buffer.from([0x10, 5]));
  const name = label("__name__", "a");
  const same = decoder();
  const f = (fields: Buffer[], want: readonly string[]) => {
    const { batches } = same.decode(delimited(1, Buffer.concat(fields)), write);
    expect(batches.map(({ series, ids, timestamps }) => [...series.labels(ids[0]!), timestamps[0]])).toEqual([
      [...want, 5],
    ]);
  };
  for (let time = 0; time < 2; time++) {
    f([name, label("b", "1"), sample], ["__name__", "a", "b", "1"]);
    f([sample, name, label("b", "1")], ["__name__", "a", "b", "1"]);
    f([name, sample, label("b", "2")], ["__name__", "a", "b", "2"]);
    f([name, sample], ["__name__", "a"]);
  }
  expect(same.registry.table.size).toBe(3);
});

test("a series that is spelled in ten thousand ways is one series, however it is spelled next", () => {
  const same = decoder();
  const spelled = (label: string): WrittenSeries => ({
    labels: [
      ["__name__", "a"],
      [label, ""],
    ],
    samples: [{ bits: 0n, timestamp: 1 }],
    histograms: [],
    exemplars: [],
  });
  const all = Array.from({ length: 10_000 }, (_, at) => spelled(`x${at}`));
  for (let time = 0; time < 2; time++) {
    const { batches, samples } = same.decode(writeRequestV1(all), write);
    expect([samples, new Set(batches[0]!.ids)]).toEqual([10_000, new Set([0])]);
  }
});

test("a series has the same id in every request", () => {
  const same = decoder();
  const one: WrittenSeries = {
    labels: [["__name__", "a"]],
    samples: [{ bits: 0n, timestamp: 1 }],
    histograms: [],
    exemplars: [],
  };
  const ids = ([write, request, write] as ProtobufMessage[]).map((message) => {
    const bytes = message === write ? writeRequestV1([one]) : writeRequestV2([one]);
    return same.decode(bytes, message).batches[0]!.ids[0];
  });
  expect(ids).toEqual([0, 0, 0]);
  expect(same.registry.table.size).toBe(1);
});

test("numbers of symbols must have symbols, and come in pairs", () => {
  const f = (labelsRefs: number[], want: string) => {
    const timeseries = [{ labelsRefs, samples: [{ value: "0", timestamp: 1 }] }];
    const bytes = rawRequestV2({ symbols: ["", "__name__", "a"], timeseries });
    expect(decoder().decode(bytes, request)).toMatchObject({ samples: 0, refused: 1, reasons: [want] });
  };
  f([1, 3], 'there is no symbol 3 in the series {__name__=""}');
  f([1, 4294967295], 'there is no symbol 4294967295 in the series {__name__=""}');
  f([1, 2, 2], 'a label has a name and no value in the series {__name__="a", a=""}');
});

test("labels that are no UTF-8 are refused, in names, values and symbols", () => {
  const broken = Buffer.from(
    writeRequestV1([
      { labels: [["__name__", "~~"]], samples: [{ bits: 0n, timestamp: 1 }], histograms: [], exemplars: [] },
    ]),
  );
  broken[broken.indexOf("~~")] = 0xff;
  expect(decoder().decode(broken, write)).toMatchObject({
    refused: 1,
    reasons: [expect.stringMatching(/^a label is not valid UTF-8 /)],
  });
  const symbols = rawRequestV2({
    symbols: ["", "__name__", "~~"],
    timeseries: [{ labelsRefs: [1, 2], samples: [{ value: "0", timestamp: 1 }] }],
  });
  symbols[symbols.indexOf("~~")] = 0xff;
  expect(decoder().decode(symbols, request)).toMatchObject({
    refused: 1,
    reasons: [expect.stringMatching(/^a label is not valid UTF-8 /)],
  });
  const replaced: WrittenSeries = {
    labels: [["__name__", "\ufffd"]],
    samples: [{ bits: 0n, timestamp: 1 }],
    histograms: [],
    exemplars: [],
  };
  expect(decoder().decode(writeRequestV1([replaced]), write)).toMatchObject({ samples: 1, refused: 0 });
});

test("when a series began is told for each sample, by itself or by its series", () => {
  const sample = { value: "0", timestamp: 5000 };
  const histogram = { countInt: 0, zeroCountInt: 0, timestamp: 5000 };
  const bytes = rawRequestV2({
    symbols: ["", "__name__", "a", "b"],
    timeseries: [
      { labelsRefs: [1, 2], samples: [sample, { ...sample, startTimestamp: 4000 }], createdTimestamp: 3000 },
      { labelsRefs: [1, 3], samples: [sample] },
      { labelsRefs: [1, 2], histograms: [histogram, { ...histogram, startTimestamp: 4000 }], createdTimestamp: 3000 },
      { labelsRefs: [1, 3], histograms: [histogram] },
    ],
  });
  const { batches } = decoder().decode(bytes, request);
  expect(batches.map(({ startTimestamps }) => [...(startTimestamps ?? [])])).toEqual([[3000, 4000, 0]]);
  expect(batches[0]?.histograms?.map(({ startTimestamp }) => startTimestamp)).toEqual([3000, 4000, undefined]);
  const without = writeRequestV1([
    { labels: [["__name__", "a"]], samples: [{ bits: 0n, timestamp: 1 }], histograms: [], exemplars: [] },
  ]);
  expect(decoder().decode(without, write).batches[0]?.startTimestamps).toBeUndefined();
});

describe("metadata", () => {
  const series = (name: string) => ({
    labels: [["__name__", name] as const],
    samples: [{ bits: 0n, timestamp: 1 }],
    histograms: [],
    exemplars: [],
  });

  test("of 1.0 are those of the families", () => {
    const one = decoder();
    const { batches } = one.decode(writeRequestV1([series("b")]), write);
    expect(batches[0]?.series.metadata?.metadata()).toEqual([
      { family: "a", type: "counter", help: "Of a family.", unit: "bytes" },
    ]);
  });

  test("of 2.0 are those of each series, whose family is called like it without the ending of its type", () => {
    const one = decoder();
    const symbols = ["", "__name__", "lag_bucket", "Lag.", "seconds", "requests_total", "up"];
    const timeseries = [
      { labelsRefs: [1, 2], samples: [{ timestamp: 1 }], metadata: { type: 3, helpRef: 3, unitRef: 4 } },
      { labelsRefs: [1, 5], samples: [{ timestamp: 1 }], metadata: { type: 1, helpRef: 99 } },
      { labelsRefs: [1, 6], samples: [{ timestamp: 1 }], metadata: { type: 77 } },
    ];
    const { batches } = one.decode(rawRequestV2({ symbols, timeseries }), request);
    const source = batches[0]?.series.metadata;
    const known = [
      { family: "lag", type: "histogram", help: "Lag.", unit: "seconds" },
      { family: "requests_total", type: "counter", help: "", unit: "" },
    ];
    expect(source?.metadata()).toEqual(known);
    expect(source?.metadataVersion).toBe(2);
    one.decode(rawRequestV2({ symbols, timeseries }), request);
    expect(source?.metadataVersion).toBe(2);
    one.decode(rawRequestV2({ symbols: symbols.with(3, "How late."), timeseries }), request);
    expect(source?.metadata()).toEqual([{ ...known[0], help: "How late." }, known[1]]);
    expect(source?.metadataVersion).toBe(3);
  });

  test("that are no UTF-8 are passed over, and the samples are not", () => {
    const text = Buffer.from(
      rawRequestV2({
        symbols: ["", "__name__", "up", "HELP"],
        timeseries: [{ labelsRefs: [1, 2], samples: [{ timestamp: 1 }], metadata: { type: 1, helpRef: 3 } }],
      }),
    );
    text[text.indexOf("HELP")] = 0xff;
    const { batches, samples } = decoder().decode(text, request);
    expect(samples).toBe(1);
    expect(batches[0]?.series.metadata?.metadata()).toEqual([]);
  });
});
