import { staleBits } from "../reference/remote-write.ts";
import { encodeFamilies, type FamilyMessage, familyTypes, gauge, histogram, labelPairs } from "./client-model.ts";
import { mutatedBytes } from "./mutations.ts";
import { changingHistogram, classicHistogram, nativeHistograms, nativeParents } from "./native-histograms.ts";
import { comesAndGoes, type Page, protobufType, type ScrapeCase, textPage } from "./scrape-case.ts";

/** Bodies in Prometheus' protobuf format. */
export function protobufCorpus(now: number): ScrapeCase[] {
  const soon = now + 300_000;
  const seconds = Math.floor(soon / 1000);
  const histograms = Object.entries(nativeHistograms(seconds));
  const mutants = mutatedBytes(parents(soon), { count: 45, seed: 20_260_303 });
  const nativeMutants = mutatedBytes(nativeParents(seconds), { count: 30, seed: 20_260_404 });
  return [
    ...Object.entries({ ...classic(soon), ...encodings() }).map(([name, body]) => protobufCase(name, body)),
    ...mutants.map(({ name, body }) => protobufCase(name, body)),
    ...histograms.map(([name, body]) => protobufCase(`native histograms off: ${name}`, body)),
    ...["native", "native and classic", "native with few buckets"].flatMap((job) =>
      histograms.map(([name, body]) => protobufCase(`${job}: ${name}`, body, job)),
    ),
    ...nativeMutants.map(({ name, body }) => protobufCase(`native: ${name}`, body, "native")),
    {
      name: "protobuf: native: a histogram that becomes a number",
      job: "native",
      pages: [...changingHistogram().map((body) => page(body)), textPage("h 1\n")],
    },
  ];
}

function protobufCase(name: string, body: Buffer, job = "default"): ScrapeCase {
  return { name: `protobuf: ${name}`, job, pages: comesAndGoes(page(body), other) };
}

function page(body: Buffer): Page {
  return { body, contentType: protobufType };
}

const other = page(encodeFamilies(gauge("other", 1)));

const classic = (soon: number): Record<string, Buffer> => ({
  nothing: encodeFamilies(),
  gauge: encodeFamilies(gauge("g", 1.5), gauge("h", Number.NaN), gauge("i", Number.NEGATIVE_INFINITY)),
  "gauge with the bits of a stale marker": withMarker(encodeFamilies(gauge("g", Number.NaN), gauge("h", 1))),
  "gauge with labels": encodeFamilies(gauge("g", 1, { b: "2", a: "1", empty: "" })),
  counter: encodeFamilies({
    name: "c_total",
    help: "Text.",
    type: familyTypes.counter,
    metric: [{ counter: { value: 7 } }],
  }),
  untyped: encodeFamilies({ name: "u", type: familyTypes.untyped, metric: [{ untyped: { value: 7 } }] }),
  "no type": encodeFamilies({ name: "u", metric: [{ counter: { value: 7 } }] }),
  summary: encodeFamilies({
    name: "s",
    type: familyTypes.summary,
    metric: [
      {
        label: labelPairs({ a: "b" }),
        summary: {
          sample_count: 3,
          sample_sum: 1.5,
          quantile: [
            { quantile: 0.5, value: 1 },
            { quantile: 1, value: Number.NaN },
            { quantile: 0.000001, value: 3 },
          ],
        },
      },
    ],
  }),
  "summary without quantiles": encodeFamilies({
    name: "s",
    type: familyTypes.summary,
    metric: [{ summary: { sample_count: 3, sample_sum: 1.5 } }],
  }),
  histogram: encodeFamilies(histogram("h", classicHistogram)),
  "histogram without the last bucket": encodeFamilies(
    histogram("h", { ...classicHistogram, bucket: classicHistogram.bucket.slice(0, 2) }),
  ),
  "histogram without buckets": encodeFamilies(histogram("h", { sample_count: 3, sample_sum: 4.5 })),
  "histogram of float counts": encodeFamilies(
    histogram("h", {
      sample_count_float: 3.5,
      sample_sum: 4.5,
      bucket: [{ cumulative_count: 1, cumulative_count_float: 1.5, upper_bound: 1 }],
    }),
  ),
  "gauge histogram": encodeFamilies({ ...histogram("h", classicHistogram), type: familyTypes.gaugeHistogram }),
  "type that does not exist": encodeFamilies({ ...gauge("g", 1), type: 6 }),
  "family without metrics": encodeFamilies({ name: "g", type: familyTypes.gauge }, gauge("h", 1)),
  "family without a name": encodeFamilies({ type: familyTypes.gauge, metric: [{ gauge: { value: 1 } }] }),
  "value that does not fit the type": encodeFamilies({
    name: "g",
    type: familyTypes.gauge,
    metric: [{ counter: { value: 1 } }],
  }),
  "metric without a value": encodeFamilies({ name: "g", type: familyTypes.gauge, metric: [{}] }),
  "name in UTF-8": encodeFamilies(gauge("größe.m", 1, { "a b": "ü" })),
  "name with an invalid byte": Buffer.from([0x0d, 0x0a, 0x02, 0x61, 0xff, 0x18, 0x01, 0x22, 0x00, 0x22, 0, 0x22, 0, 0]),
  "duplicate label": encodeFamilies({
    name: "g",
    type: familyTypes.gauge,
    metric: [{ label: [...labelPairs({ a: "1" }), ...labelPairs({ a: "2" })], gauge: { value: 1 } }],
  }),
  "label without a name": encodeFamilies(gauge("g", 1, { "": "x" })),
  "label with the name of the metric": encodeFamilies(gauge("g", 1, { __name__: "x" })),
  "clash with target labels": encodeFamilies(gauge("g", 1, { job: "theirs" })),
  "duplicate series": encodeFamilies(gauge("g", 1), gauge("g", 2)),
  timestamp: encodeFamilies(stamped(soon)),
  "timestamp of zero": encodeFamilies(stamped(0)),
  "timestamp far ahead": encodeFamilies(stamped(soon + 660_000)),
  unit: encodeFamilies({ ...gauge("g_seconds", 1), unit: "seconds" }),
  "unit that is no suffix": encodeFamilies({ ...gauge("g", 1), unit: "seconds" }),
  "unit before _total": encodeFamilies({
    name: "c_bytes_total",
    unit: "bytes",
    type: familyTypes.counter,
    metric: [{ counter: { value: 1 } }],
  }),
  "exemplar of a counter": encodeFamilies(counterWithExemplar({ timestamp: { seconds: soon / 1000, nanos: 5e8 } })),
  "exemplar without a timestamp": encodeFamilies(counterWithExemplar({})),
  "exemplar of a bucket": encodeFamilies(
    histogram("h", {
      ...classicHistogram,
      bucket: [
        {
          cumulative_count: 3,
          upper_bound: 1,
          exemplar: { label: labelPairs({ t: "x" }), value: 0.5, timestamp: { seconds: soon / 1000 } },
        },
      ],
    }),
  ),
  "created timestamp": encodeFamilies({
    name: "c_total",
    type: familyTypes.counter,
    metric: [{ counter: { value: 7, created_timestamp: { seconds: 1_700_000_000 } } }],
  }),
});

/** Turns the NaN in it into the one that marks the end of a series. */
function withMarker(body: Buffer): Buffer {
  const nan = Buffer.alloc(8);
  nan.writeDoubleLE(Number.NaN);
  const marked = Buffer.from(body);
  marked.writeBigUInt64LE(staleBits, body.indexOf(nan));
  return marked;
}

/** What goes wrong around the messages. */
function encodings(): Record<string, Buffer> {
  const whole = encodeFamilies(gauge("a", 1), gauge("b", 2));
  return {
    "cut in the last message": whole.subarray(0, -3),
    "cut behind the first length": whole.subarray(0, 1),
    "a byte behind the end": Buffer.concat([whole, Buffer.of(0x05)]),
    "an empty message behind the end": Buffer.concat([whole, Buffer.of(0x00)]),
    "a length that is too large": Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f), whole]),
    "a length of eleven bytes": Buffer.concat([Buffer.alloc(11, 0xff), whole]),
    "no length": whole.subarray(1),
    "an unknown field": Buffer.concat([
      Buffer.of(whole[0]! + 2),
      whole.subarray(1, whole[0]! + 1),
      Buffer.of(0x50, 0x01),
    ]),
    "a group": Buffer.concat([whole, Buffer.of(0x02, 0x53, 0x54)]),
    text: Buffer.from("a 1\nb 2\n"),
  };
}

/** What the mutants descend from. */
const parents = (soon: number): Record<string, Buffer> => ({
  gauges: encodeFamilies(gauge("a", 1, { b: "c" }), gauge("d", 2)),
  histogram: encodeFamilies(histogram("h", classicHistogram)),
  stamped: encodeFamilies(stamped(soon)),
  summary: encodeFamilies({
    name: "s",
    help: "Text.",
    type: familyTypes.summary,
    metric: [{ summary: { sample_count: 3, sample_sum: 1.5, quantile: [{ quantile: 0.5, value: 1 }] } }],
  }),
});

function stamped(timestamp: number): FamilyMessage {
  return { name: "g", type: familyTypes.gauge, metric: [{ gauge: { value: 1 }, timestamp_ms: timestamp }] };
}

function counterWithExemplar(fields: FamilyMessage): FamilyMessage {
  const exemplar = { label: labelPairs({ trace_id: "abc" }), value: 0.5, ...fields };
  return { name: "c_total", type: familyTypes.counter, metric: [{ counter: { value: 7, exemplar } }] };
}
