import fc from "fast-check";
import { expect, test } from "vitest";
import { Body } from "../../../src/formats/exposition/body.ts";
import { ExpositionError } from "../../../src/formats/exposition/exposition-error.ts";
import { ProtobufReader } from "../../../src/formats/exposition/protobuf.ts";
import type { ProtobufOptions } from "../../../src/formats/exposition/protobuf-rows.ts";
import { Rows } from "../../../src/formats/exposition/rows.ts";
import { SkippedLines } from "../../../src/formats/exposition/skipped-lines.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { NativeHistogram } from "../../../src/signals/native-histogram.ts";
import * as clientModel from "../../corpus/client-model.ts";
import {
  type Exemplar,
  type ExpectedRow,
  encodeFamilies,
  encodeFamily,
  expectedRows,
  type Family,
  type Histogram,
  types,
} from "../../reference/protobuf-exposition.ts";

const off: ProtobufOptions = {
  nativeHistograms: false,
  classicHistograms: false,
  bucketLimit: 0,
  minBucketFactor: 0,
  startTimestamps: false,
};
const native: ProtobufOptions = { ...off, nativeHistograms: true };

/** Reads one page after the other, as for one target. */
class Pages {
  readonly reader: ProtobufReader;
  readonly rows = new Rows();
  readonly labels = new Map<number, readonly string[]>();
  readonly #body = new Body(16);

  constructor(options = off) {
    this.reader = new ProtobufReader(options);
  }

  read(page: Uint8Array, skipped?: SkippedLines) {
    this.#body.clear();
    this.#body.append(page);
    this.rows.clear();
    const error = this.reader.read(this.#body, this.rows, skipped);
    const rows: ExpectedRow[] = [];
    for (let row = 0; row < this.rows.length; row++) rows.push(this.#row(row));
    return { rows, withoutRow: this.rows.withoutRow, error: error?.message };
  }

  #row(row: number): ExpectedRow {
    const { entries, values, timestamps, histograms, exemplars } = this.rows;
    const entry = entries[row]!;
    const labels = this.labels.get(entry) ?? this.reader.takeLabels(entry);
    this.labels.set(entry, labels);
    return {
      labels,
      value: histograms.has(row) ? "histogram" : values[row]!,
      timestamp: Number.isNaN(timestamps[row]) ? undefined : timestamps[row],
      exemplars: exemplars
        .filter((exemplar) => exemplar.row === row)
        .map(({ labels, value, timestamp }) => shownExemplar(labels, value, timestamp)),
    };
  }
}

function shownExemplar(labels: readonly string[], value: number, timestamp = Number.NaN): Exemplar {
  const pairs = Array.from({ length: labels.length / 2 }, (_, at) => [labels[2 * at]!, labels[2 * at + 1]!]);
  return { labels: Object.fromEntries(pairs), value, ...(Number.isNaN(timestamp) ? {} : { timestamp }) };
}

/** Reads a page of these families, which must be right. */
function read(families: readonly Family[], options = off) {
  const pages = new Pages(options);
  const result = pages.read(encodeFamilies(families));
  if (result.error !== undefined) throw new Error(result.error);
  return { ...result, histograms: [...pages.rows.histograms.values()] };
}

function lines(families: readonly Family[], options = off): string[] {
  return read(families, options).rows.map(({ labels, value, timestamp, exemplars }) =>
    [
      ...labels,
      value,
      ...(timestamp === undefined ? [] : [`@${timestamp}`]),
      ...exemplars.map((exemplar) => JSON.stringify(exemplar)),
    ].join(" "),
  );
}

function errorOf(page: Uint8Array, options = native): string | undefined {
  return new Pages(options).read(page).error;
}

function histogramOf(
  histogram: Histogram,
  options = native,
  type: Family["type"] = "histogram",
): NativeHistogram | undefined {
  return read([{ name: "h", type, metrics: [{ histogram }] }], options).histograms[0];
}

const integers: Histogram = {
  count: 12,
  sum: 18.4,
  schema: 1,
  zeroThreshold: 0.001,
  zeroCount: 2,
  positiveSpans: [
    [0, 2],
    [1, 2],
  ],
  positiveDeltas: [1, 1, -1, 0],
  negativeSpans: [
    [0, 2],
    [1, 2],
  ],
  negativeDeltas: [1, 1, -1, 0],
};

test("a number, with labels and a timestamp", () => {
  const labels = { b: "1", a: "", "k8s.pod": "ü" };
  expect(lines([{ name: "c_total", help: "Help.", type: "counter", metrics: [{ labels, value: 1.5 }] }])).toEqual([
    "__name__ c_total b 1 a  k8s.pod ü 1.5",
  ]);
  expect(lines([{ name: "g", type: "gauge", metrics: [{ value: -0.5, timestamp: -7 }] }])).toEqual([
    "__name__ g -0.5 @-7",
  ]);
  expect(lines([{ name: "u", type: "untyped", metrics: [{ value: Infinity, timestamp: 0 }] }])).toEqual([
    "__name__ u Infinity",
  ]);
  expect(lines([{ name: "left.out", type: "gauge", metrics: [{}] }])).toEqual(["__name__ left.out 0"]);
});

test("a summary: count, sum, quantiles", () => {
  const quantiles = [
    [0.5, 1],
    [1, 2],
    [0.99, Number.NaN],
  ] as const;
  const metrics = [{ labels: { a: "b" }, summary: { count: 3, sum: 4.5, quantiles } }, {}];
  expect(lines([{ name: "s", type: "summary", metrics }])).toEqual([
    "__name__ s_count a b 3",
    "__name__ s_sum a b 4.5",
    "__name__ s a b quantile 0.5 1",
    "__name__ s a b quantile 1.0 2",
    "__name__ s a b quantile 0.99 NaN",
    "__name__ s_count 0",
    "__name__ s_sum 0",
  ]);
});

test("a classic histogram: count, sum, buckets up to +Inf, which is added where it is missing", () => {
  const f = (histogram: Histogram, ...want: string[]) =>
    expect(lines([{ name: "h", type: "histogram", metrics: [{ histogram }] }])).toEqual(want);
  f({}, "__name__ h_count 0", "__name__ h_sum 0", "__name__ h_bucket le +Inf 0");
  f(
    {
      count: 3,
      sum: 1,
      buckets: [
        { bound: -0, count: 1 },
        { bound: 1e6, count: 2 },
      ],
    },
    "__name__ h_count 3",
    "__name__ h_sum 1",
    "__name__ h_bucket le 0.0 1",
    "__name__ h_bucket le 1e+06 2",
    "__name__ h_bucket le +Inf 3",
  );
  f(
    {
      count: 3,
      countFloat: 2.5,
      buckets: [{ bound: 1, count: 1, countFloat: 0.5 }, { bound: Infinity, count: 7 }, { bound: 8 }],
    },
    "__name__ h_count 2.5",
    "__name__ h_sum 0",
    "__name__ h_bucket le 1.0 0.5",
    "__name__ h_bucket le +Inf 7",
  );
});

test("counts beyond 2^53 are rounded once", () => {
  const count = "18446744073709549569" as unknown as number;
  expect(
    lines([{ name: "h", type: "histogram", metrics: [{ histogram: { count, buckets: [{ bound: 1, count }] } }] }]),
  ).toEqual([
    "__name__ h_count 18446744073709550000",
    "__name__ h_sum 0",
    "__name__ h_bucket le 1.0 18446744073709550000",
    "__name__ h_bucket le +Inf 18446744073709550000",
  ]);
});

test("exemplars of counters and classic buckets", () => {
  const exemplar = { labels: { trace_id: "x", a: "1", empty: "" }, value: 2, timestamp: 1234 };
  expect(lines([{ name: "c", type: "counter", metrics: [{ value: 1, exemplar }] }])).toEqual([
    '__name__ c 1 {"labels":{"a":"1","trace_id":"x"},"value":2,"timestamp":1234}',
  ]);
  const histogram = { buckets: [{ bound: 1, exemplar: { value: 0.5 } }] };
  expect(lines([{ name: "h", type: "histogram", metrics: [{ histogram }] }])[2]).toBe(
    '__name__ h_bucket le 1.0 0 {"labels":{},"value":0.5}',
  );
  const tooLong = { labels: { a: "x".repeat(128) }, value: 1 };
  expect(lines([{ name: "c", type: "counter", metrics: [{ value: 1, exemplar: tooLong }] }])).toEqual(["__name__ c 1"]);
});

test("a native histogram with whole counts", () => {
  expect(histogramOf(integers)).toEqual({
    kind: "integer",
    count: 12n,
    sum: 18.4,
    schema: 1,
    zeroThreshold: 0.001,
    zeroCount: 2n,
    positiveSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 2 },
    ],
    positiveDeltas: [1n, 1n, -1n, 0n],
    negativeSpans: [
      { offset: 0, length: 2 },
      { offset: 1, length: 2 },
    ],
    negativeDeltas: [1n, 1n, -1n, 0n],
    isGauge: false,
  });
});

test("a native histogram whose counts are doubles, as a gauge", () => {
  const histogram = {
    countFloat: 3.5,
    sum: -1,
    schema: -4,
    zeroCountFloat: 0.5,
    positiveSpans: [[-3, 2]],
    positiveCounts: [1.5, 1.5],
  } as const;
  expect(histogramOf(histogram, native, "gaugehistogram")).toEqual({
    kind: "float",
    count: 3.5,
    sum: -1,
    schema: -4,
    zeroThreshold: 0,
    zeroCount: 0.5,
    positiveSpans: [{ offset: -3, length: 2 }],
    positiveCounts: [1.5, 1.5],
    negativeSpans: [],
    negativeCounts: [],
    isGauge: true,
  });
});

test("a histogram is native when it has spans, a zero threshold or a zero count", () => {
  const f = (histogram: Histogram, want: boolean) => expect(histogramOf(histogram) !== undefined).toBe(want);
  f({}, false);
  f({ schema: 3, zeroCountFloat: 1, countFloat: 1 }, false);
  f({ positiveSpans: [[0, 0]] }, true);
  f({ negativeSpans: [[0, 0]] }, true);
  f({ zeroThreshold: 1e-128 }, true);
  f({ zeroCount: 1, count: 1 }, true);
});

test("whether a family's histograms are native follows from the first, and from the last that was read as a classic one", () => {
  const classic = { histogram: { buckets: [{ bound: Infinity }] } };
  const both = { histogram: { ...integers, ...classic.histogram } };
  const f = (metrics: Family["metrics"], options: ProtobufOptions, want: string) =>
    expect(
      read([{ name: "h", type: "histogram", metrics }], options)
        .rows.filter(({ labels }) => !/_sum|_bucket/.test(labels[1]!))
        .map(({ value }) => (value === "histogram" ? "n" : "c"))
        .join(""),
    ).toBe(want);
  f([both, classic, both], native, "nnn");
  f([classic, both, classic, both], native, "ccnn");
  f([both, classic, both], { ...native, classicHistograms: true }, "ncncc");
});

test("without native histograms they count as scraped; their classic buckets are read only if wanted", () => {
  const histogram = { ...integers, buckets: [{ bound: 1, count: 12 }] };
  const families: Family[] = [{ name: "h", type: "histogram", metrics: [{ histogram }] }];
  expect(read(families)).toMatchObject({ rows: [], withoutRow: 1 });
  expect(lines(families, { ...off, classicHistograms: true })).toEqual([
    "__name__ h_count 12",
    "__name__ h_sum 18.4",
    "__name__ h_bucket le 1.0 12",
    "__name__ h_bucket le +Inf 12",
  ]);
  expect(lines(families, { ...native, classicHistograms: true })[0]).toBe("__name__ h histogram");
  expect(
    lines([{ name: "h", type: "histogram", metrics: [{ histogram: integers }] }], {
      ...native,
      classicHistograms: true,
    }),
  ).toEqual(["__name__ h histogram"]);
});

test("exemplars of native histograms have a timestamp, and come from the classic buckets if there are no others", () => {
  const exemplars = [{ value: 3, timestamp: 2000 }, { value: 1 }, { value: 2, timestamp: 1000 }];
  const buckets = [
    { bound: 1, exemplar: { value: 9, timestamp: 5 } },
    { bound: 2, exemplar: { value: 8 } },
  ];
  const f = (histogram: Histogram, want: readonly number[]) =>
    expect(
      read([{ name: "h", type: "histogram", metrics: [{ histogram }, { histogram }] }], native).rows.map(
        ({ exemplars }) => exemplars.map(({ value }) => value),
      ),
    ).toEqual([want, want]);
  f({ ...integers, exemplars, buckets }, [2, 3]);
  f({ ...integers, buckets }, [9]);
  f(integers, []);
});

test("families without metrics are not looked at; labels and headers may stand anywhere", () => {
  expect(
    lines([
      { name: "", type: 99, metrics: [] },
      { name: "m", type: "gauge", metrics: [{ value: 1 }] },
    ]),
  ).toEqual(["__name__ m 1"]);
  const gauge = Buffer.from([0x12, 9, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
  const label = (text: string) => Buffer.from([0x0a, 6, 0x0a, 1, text.charCodeAt(0), 0x12, 1, text.charCodeAt(0)]);
  const metric = Buffer.concat([label("a"), gauge, label("b")]);
  const family = Buffer.concat([Buffer.from([0x22, metric.length]), metric, Buffer.from([0x0a, 1, 0x6d, 0x18, 1])]);
  const pages = new Pages();
  for (let page = 0; page < 2; page++) {
    expect(pages.read(Buffer.concat([Buffer.from([family.length]), family])).rows).toMatchObject([
      { labels: ["__name__", "m", "a", "a", "b", "b"], value: 1 },
    ]);
  }
});

test("unknown fields are skipped, groups among them", () => {
  const known = encodeFamily({ name: "m", type: "gauge", metrics: [{ value: 1 }] });
  const f = (...unknown: number[]) => {
    const page = Buffer.concat([Buffer.from([known.length + unknown.length]), known, Buffer.from(unknown)]);
    expect(new Pages().read(page).rows).toMatchObject([{ value: 1 }]);
  };
  f(0x98, 0x06, 0x96, 0x01);
  f(0x99, 0x06, 1, 2, 3, 4, 5, 6, 7, 8);
  f(0x9a, 0x06, 1, 0xff);
  f(0x9b, 0x06, 0x0b, 0x08, 1, 0x0c, 0x9c, 0x06);
  f(0x9d, 0x06, 1, 2, 3, 4);
});

test("what Prometheus does not take fails the page", () => {
  const metrics = [{ value: 1 }];
  const f = (family: Partial<Family>, want: string | undefined) =>
    expect(errorOf(encodeFamilies([{ name: "m", type: "counter", metrics, ...family }]))).toBe(want);
  f({}, undefined);
  f({ name: "" }, "a metric family without a name");
  f({ type: 6 }, '"m" has the unknown metric type 6');
  f({ unit: "m" }, 'the unit "m" is no suffix of the name "m"');
  f({ unit: "bytes", name: "x_bytes" }, undefined);
  f({ unit: "bytes", name: "x_bytes_total" }, undefined);
  f(
    { unit: "bytes", name: "x_bytes_total", type: "gauge" },
    'the unit "bytes" is no suffix of the name "x_bytes_total"',
  );
  f({ unit: "bytes", name: "xbytes_total" }, 'the unit "bytes" is no suffix of the name "xbytes_total"');
  f({ metrics: [{ labels: { "": "x" } }] }, "a label with an empty name");
  const invalid = (...path: string[]) =>
    Buffer.from(
      encodeFamilies([
        { name: path[0]!, help: path[1]!, type: "gauge", metrics: [{ labels: { [path[2]!]: path[3]! } }] },
      ])
        .toString("latin1")
        .replace("X", "\xff"),
      "latin1",
    );
  expect(errorOf(invalid("X", "h", "n", "v"))).toBe("invalid UTF-8 in the name of a metric family");
  expect(errorOf(invalid("m", "X", "n", "v"))).toBe('invalid UTF-8 in the help of "m"');
  expect(errorOf(invalid("m", "h", "X", "v"))).toBe("invalid UTF-8 in the name of a label");
  expect(errorOf(invalid("m", "h", "n", "X"))).toBe("invalid UTF-8 in the value of a label");
});

test("native histograms that Prometheus does not take fail the page, but count as scraped", () => {
  const f = (histogram: Histogram, want: string) => {
    const result = new Pages(native).read(encodeFamilies([{ name: "h", type: "histogram", metrics: [{ histogram }] }]));
    expect(result).toEqual({ rows: [], withoutRow: 1, error: `a native histogram has ${want}` });
  };
  f({ ...integers, count: 13 }, "12 observations in its buckets and a count of 13");
  f({ ...integers, count: 11, sum: Number.NaN }, "12 observations in its buckets and a count of 11");
  f({ ...integers, positiveDeltas: [1, 1, -3, 0] }, "a positive bucket with a negative count");
  f({ ...integers, negativeSpans: [[0, 3]] }, "negative spans for 3 buckets, but 4 of them");
  f(
    {
      ...integers,
      negativeSpans: [
        [0, 4294967295],
        [0, 4294967295],
      ],
    },
    "negative spans for 8589934590 buckets, but 4 of them",
  );
  f(
    {
      ...integers,
      positiveSpans: [
        [0, 2],
        [-1, 2],
      ],
    },
    "positive spans that overlap",
  );
  f({ ...integers, schema: -53 }, "the schema -53, but no bounds");
  f({ countFloat: 1, positiveSpans: [[0, 1]], positiveCounts: [-1] }, "a positive bucket with a negative count");
  expect(histogramOf({ ...integers, count: 13, sum: Number.NaN })).toMatchObject({ count: 13n });
});

test("the bucket limit is kept by merging buckets; where that is not enough the page fails at its end", () => {
  expect(histogramOf(integers, { ...native, bucketLimit: 6 })).toMatchObject({
    schema: 0,
    count: 12n,
    positiveSpans: [{ offset: 0, length: 3 }],
    positiveDeltas: [1n, 1n, 0n],
    negativeDeltas: [1n, 1n, 0n],
  });
  const families: Family[] = [
    { name: "h", type: "histogram", metrics: [{ histogram: integers }] },
    { name: "m", type: "gauge", metrics: [{ value: 1 }] },
  ];
  const { rows, error } = new Pages({ ...native, bucketLimit: 1 }).read(encodeFamilies(families));
  expect([rows.length, error]).toEqual([
    2,
    'the native histogram "h" cannot be reduced to 1 buckets, its native_histogram_bucket_limit',
  ]);
});

test("a schema that nobody knows is passed on, and cannot be reduced", () => {
  expect(histogramOf({ ...integers, schema: 9 }, { ...native, minBucketFactor: 2 })).toMatchObject({ schema: 9 });
  const page = encodeFamilies([{ name: "h", type: "histogram", metrics: [{ histogram: { ...integers, schema: 9 } }] }]);
  expect(errorOf(page, { ...native, bucketLimit: 7 })).toMatch(
    /^the native histogram "h" cannot be reduced to 7 buckets/,
  );
});

test("the bucket factor limits the schema", () => {
  expect(histogramOf(integers, { ...native, minBucketFactor: 2 })).toMatchObject({ schema: 0 });
  expect(histogramOf(integers, { ...native, minBucketFactor: 1.1 })).toMatchObject({ schema: 1 });
});

const name = fc.oneof(
  fc.constantFrom("a", "b_total", "ü.x"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }),
);
const text = fc.string({ unit: "grapheme", maxLength: 5 });
const labels = fc.oneof(fc.constantFrom({}, { a: "1" }, { a: "2", b: "x" }), fc.dictionary(name, text, { maxKeys: 3 }));
const number = fc.oneof(fc.double(), fc.constantFrom(0, 1, Infinity, 1e6));
const count = fc.nat({ max: 1000 });
const exemplar = fc.record(
  {
    labels: fc.constantFrom({}, { id: "1" }, { a: "x", b: "y" }),
    value: fc.double({ noNaN: true }),
    timestamp: fc.integer({ min: 0, max: 2 ** 41 }),
  },
  { requiredKeys: ["labels", "value"] },
);
/** Without a whole count, which would have to be that of the buckets where it is read as a native one. */
const histogram = fc.record(
  {
    countFloat: fc.double({ min: 0, max: 1000, noNaN: true }),
    sum: number,
    buckets: fc.array(
      fc.record({ bound: number, count, countFloat: fc.constantFrom(0, 1.5), exemplar }, { requiredKeys: ["bound"] }),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);
const emptyNative = histogram.map((histogram) => ({
  ...histogram,
  zeroThreshold: 1,
  positiveSpans: [[3, 0] as const],
}));
const metric = fc.record(
  {
    labels,
    timestamp: fc.oneof(fc.integer({ min: -5, max: 5 }), fc.maxSafeInteger()),
    value: number,
    exemplar,
    summary: fc.record(
      { count, sum: number, quantiles: fc.array(fc.tuple(number, number), { maxLength: 3 }) },
      { requiredKeys: [] },
    ),
    histogram: fc.oneof(histogram, emptyNative),
  },
  { requiredKeys: [] },
);
const family = fc.record(
  { name, help: text, type: fc.constantFrom(...types), metrics: fc.array(metric, { maxLength: 4 }) },
  { requiredKeys: ["name", "type", "metrics"] },
);
const options = fc.record({
  nativeHistograms: fc.boolean(),
  classicHistograms: fc.boolean(),
  bucketLimit: fc.constant(0),
  minBucketFactor: fc.constant(0),
  startTimestamps: fc.boolean(),
});

/** As the twin has it: exemplars without empty labels, in order. */
function normal({ rows, withoutRow }: ReturnType<typeof expectedRows>) {
  const shown = ({ labels = {}, value = 0, timestamp }: Exemplar) =>
    shownExemplar(labelsFrom(labels), value, timestamp);
  return { rows: rows.map((row) => ({ ...row, exemplars: row.exemplars.map(shown) })), withoutRow };
}

test("a page is read as its slow twin reads it, again and again, in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.array(family, { maxLength: 4 }), { maxLength: 3 }), options, (list, options) => {
      const pages = new Pages(options);
      for (const families of [...list, ...list.toReversed()]) {
        expect(pages.read(encodeFamilies(families))).toEqual({
          ...normal(expectedRows(families, options)),
          error: undefined,
        });
      }
    }),
  );
});

test("a page that comes again has the same entries, and a compaction keeps those that are to be kept", () => {
  fc.assert(
    fc.property(fc.array(family, { maxLength: 6 }), fc.integer(), (families, seed) => {
      const pages = new Pages({ ...native, classicHistograms: true });
      const page = encodeFamilies(families);
      pages.read(page);
      const { size } = pages.reader;
      const before = [...pages.rows.entries.subarray(0, pages.rows.length)];
      const types = new Map(before.map((entry) => [entry, pages.reader.typeOf(entry)]));
      pages.read(page);
      expect([pages.reader.size, [...pages.rows.entries.subarray(0, pages.rows.length)]]).toEqual([size, before]);

      const isKept = (entry: number) => entry > 0 && (seed >> (entry % 31)) % 2 === 0;
      const renumbered = pages.reader.compact(isKept);
      for (const entry of before.filter(isKept)) {
        expect(pages.reader.takeLabels(renumbered[entry]!)).toEqual(pages.labels.get(entry));
        expect(pages.reader.typeOf(renumbered[entry]!)).toBe(types.get(entry));
      }
      const kept = new Map(
        [...pages.labels].filter(([entry]) => isKept(entry)).map(([entry, labels]) => [renumbered[entry]!, labels]),
      );
      expect(pages.reader.size).toBe(kept.size + 1);
      const labels = before.map((entry) => pages.labels.get(entry));
      pages.labels.clear();
      for (const [entry, known] of kept) pages.labels.set(entry, known);
      expect(pages.read(page).rows.map(({ labels }) => labels)).toEqual(labels);
    }),
  );
});

test("a family is what its page says now, also when that is what it said before", () => {
  const pages = new Pages(native);
  const versions = ["one", "two", "one", "one"].map((help) => {
    pages.read(encodeFamilies([{ name: "m", help, type: "counter", metrics: [{ value: 1 }] }]));
    expect(pages.reader.metadata()).toEqual([{ family: "m", type: "counter", help, unit: "" }]);
    return pages.reader.metadataVersion;
  });
  expect(new Set(versions.slice(0, 3)).size).toBe(3);
  expect(versions[3]).toBe(versions[2]);
});

test("a cache is crowded when most of its series are gone", () => {
  const pages = new Pages();
  for (let page = 0; page < 1200; page++)
    pages.read(encodeFamilies([{ name: "m", type: "gauge", metrics: [{ labels: { page: String(page) } }] }]));
  expect([pages.reader.isCrowded(1), pages.reader.isCrowded(1000)]).toEqual([true, false]);
});

const sample: readonly Family[] = [
  {
    name: "c_bytes_total",
    help: "Help.",
    unit: "bytes",
    type: "counter",
    metrics: [{ labels: { a: "1" }, value: 1, exemplar: { labels: { t: "x" }, value: 1, timestamp: 1001 } }],
  },
  { name: "s", type: "summary", metrics: [{ summary: { count: 1, sum: 2, quantiles: [[0.5, 1]] }, timestamp: 5 }] },
  {
    name: "h",
    type: "histogram",
    metrics: [
      {
        labels: { a: "1" },
        histogram: {
          ...integers,
          buckets: [{ bound: 1, count: 12, exemplar: { value: 1 } }],
          exemplars: [{ value: 1, timestamp: 1 }],
        },
      },
    ],
  },
  {
    name: "f",
    type: "gaugehistogram",
    metrics: [{ histogram: { countFloat: 2, positiveSpans: [[0, 2]], positiveCounts: [1, 1] } }],
  },
];

test("a page that is cut short fails, wherever it is cut, with the rows of the families before", () => {
  const page = encodeFamilies(sample);
  const ends = sample.map((_, families) => encodeFamilies(sample.slice(0, families)).length);
  const counts = sample.map((_, families) => read(sample.slice(0, families), native).rows.length);
  for (let length = 0; length < page.length; length++) {
    const whole = ends.findLastIndex((end) => end <= length);
    const { rows, error } = new Pages(native).read(page.subarray(0, length));
    expect([rows.length, error], `${length}`).toEqual([
      counts[whole],
      length === ends[whole] ? undefined : "the message ends too early",
    ]);
  }
});

test("a family that is cut short inside never reads beyond itself", () => {
  const whole = encodeFamily(sample[2]!);
  for (let length = 1; length < whole.length; length++) {
    const page = Buffer.concat([
      Buffer.from([0x80 | (length & 0x7f), length >> 7]),
      whole.subarray(0, length),
      encodeFamilies([sample[0]!]),
    ]);
    const skipped = new SkippedLines();
    const { rows } = new Pages(native).read(page, skipped);
    expect(rows.at(-1)?.labels, `${length}`).toEqual(["__name__", "c_bytes_total", "a", "1"]);
  }
});

test("no bytes do any harm", () => {
  const page = encodeFamilies(sample);
  const damaged = fc
    .array(fc.tuple(fc.nat({ max: page.length - 1 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 })
    .map((changes) => {
      const copy = Buffer.from(page);
      for (const [at, byte] of changes) copy[at] = byte;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), damaged), fc.boolean(), (bytes, skips) => {
      const skipped = skips ? new SkippedLines() : undefined;
      const { error } = new Pages({ ...native, classicHistograms: true, bucketLimit: 3 }).read(bytes, skipped);
      if (skips && error !== undefined) expect(error).toMatch(/cannot be reduced/);
    }),
    { numRuns: 3000 },
  );
});

test("with what cannot be read left out, the rest is read", () => {
  const broken: Family = {
    name: "b",
    type: "histogram",
    metrics: [{ histogram: { ...integers, count: 1 } }, { labels: { ok: "1" }, histogram: integers }],
  };
  const good: Family = { name: "m", type: "gauge", metrics: [{ value: 1 }] };
  const page = Buffer.concat([encodeFamilies([{ ...good, name: "" }, broken, good]), Buffer.from([99, 1])]);
  const skipped = new SkippedLines();
  const { rows, error } = new Pages(native).read(page, skipped);
  expect(rows.map(({ labels }) => labels.slice(1).join(" "))).toEqual(["b ok 1", "m"]);
  expect([error, skipped.count, skipped.first]).toEqual([
    undefined,
    3,
    new ExpositionError("a metric family without a name"),
  ]);
});

test("where start timestamps are asked for, each row of a metric has that of the metric", () => {
  const created_timestamp = { seconds: 1700000000, nanos: 250_999_999 };
  const distribution = { sample_count: 1, sample_sum: 1, created_timestamp };
  const page = clientModel.encodeFamilies(
    { name: "c", type: clientModel.familyTypes.counter, metric: [{ counter: { value: 1, created_timestamp } }] },
    clientModel.gauge("g", 1),
    { name: "s", type: clientModel.familyTypes.summary, metric: [{ summary: distribution }] },
    clientModel.histogram("h", distribution),
    { name: "d", type: clientModel.familyTypes.counter, metric: [{ counter: { value: 1 } }] },
  );
  const since = 1700000000250;
  const pages = new Pages({ ...off, startTimestamps: true });
  for (let time = 0; time < 2; time++) {
    pages.read(page);
    expect([...pages.rows.starts.subarray(0, pages.rows.length)]).toEqual([
      since,
      0,
      since,
      since,
      since,
      since,
      since,
      0,
    ]);
  }
  const without = new Pages(off);
  without.read(page);
  expect(without.rows.hasStarts).toBe(false);
});
