import { type Labels, mergeLabels } from "../../signals/labels.ts";
import { type MetricMetadata, metadataOf } from "../../signals/metadata.ts";
import type { SeriesLookup } from "../../signals/metric-batch.ts";
import { type RequestSymbols, varintLength, writeVarint32 } from "./request-symbols.ts";

/**
 * What a `Request` of remote write 2.0 says about a series in front of its sample:
 *
 *     2a len │ 2a len 08 type 18 help 20 unit │ 0a len refs of the labels │ 12 10 09 │ value │ 10 │ time
 *     └──────────────────────────── the head ───────────────────────────────────────┘
 *
 * The order of fields is free in protobuf. With the sample last, the head is one run of bytes; with the metadata first,
 * what follows the last label that differs from the row before is so short that a copy of it takes two bytes.
 */
export class SeriesHeads {
  readonly #series: SeriesLookup;
  readonly #externalLabels: Labels;
  /** By id, merged with the external labels. */
  readonly #labels: Labels[] = [];
  /** By id; null where nothing is known. */
  #known: (MetricMetadata | null)[] = [];
  readonly #refs: number[] = [];
  #families: ReadonlyMap<string, MetricMetadata> = new Map();
  #version = -1;
  #bytes = Buffer.allocUnsafe(1024);

  constructor(series: SeriesLookup, externalLabels: Labels) {
    this.#series = series;
    this.#externalLabels = externalLabels;
  }

  /** Changes when the metadata do. */
  get version(): number {
    return this.#series.metadata?.metadataVersion ?? 0;
  }

  /** Labels and metadata, for a TimeSeries that has `rest` bytes behind them; valid until the next call. */
  fields(id: number, symbols: RequestSymbols, rest: number): Buffer {
    const refs = this.#refs;
    refs.length = 0;
    let packed = 0;
    for (const text of this.#labelsOf(id)) {
      const ref = symbols.ref(text);
      refs.push(ref);
      packed += varintLength(ref);
    }
    const known = this.#knownOf(id);
    const type = known === null ? 0 : Math.max(0, metadataTypes.indexOf(known.type));
    const help = known === null ? 0 : symbols.ref(known.help);
    const unit = known === null ? 0 : symbols.ref(known.unit);
    const metadata = refField(type) + refField(help) + refField(unit);
    const length = (known === null ? 0 : 2 + metadata) + 1 + varintLength(packed) + packed + rest;
    if (this.#bytes.length < length + 16) this.#bytes = Buffer.allocUnsafe(2 * length + 16);
    const out = this.#bytes;
    out[0] = seriesTag;
    let at = writeVarint32(out, 1, length);
    if (known !== null) {
      out[at++] = metadataTag;
      out[at++] = metadata;
      at = writeRefField(out, at, 0x08, type);
      at = writeRefField(out, at, 0x18, help);
      at = writeRefField(out, at, 0x20, unit);
    }
    out[at++] = refsTag;
    at = writeVarint32(out, at, packed);
    for (const ref of refs) at = writeVarint32(out, at, ref);
    return out.subarray(0, at);
  }

  /** The head of a series with one sample, which takes 18 bytes while its time takes 6. */
  sampleHead(id: number, symbols: RequestSymbols): Buffer {
    const fields = this.fields(id, symbols, 18);
    // There is room behind the fields.
    const out = this.#bytes;
    out[fields.length] = sampleTag;
    out[fields.length + 1] = 16;
    out[fields.length + 2] = valueTag;
    return out.subarray(0, fields.length + 3);
  }

  #labelsOf(id: number): Labels {
    const cached = this.#labels[id];
    if (cached !== undefined) return cached;
    // An array with holes is slow, and ids of a new table come in no order.
    while (this.#labels.length < id) this.#labels.push(undefined as unknown as Labels);
    const merged = mergeLabels(this.#externalLabels, this.#series.labels(id));
    this.#labels[id] = merged;
    return merged;
  }

  #knownOf(id: number): MetricMetadata | null {
    const source = this.#series.metadata;
    if (source === undefined) return null;
    if (source.metadataVersion !== this.#version) {
      this.#version = source.metadataVersion;
      this.#families = new Map(source.metadata().map((each) => [each.family, each]));
      this.#known = [];
    }
    const cached = this.#known[id];
    if (cached !== undefined) return cached;
    const labels = this.#labelsOf(id);
    const at = labels.indexOf("__name__");
    const known = at < 0 ? undefined : metadataOf(this.#families, labels[at + 1]!);
    this.#known[id] = known ?? null;
    return known ?? null;
  }
}

/** By their numbers (write/v2/types.proto, Metadata.MetricType; 1.0's MetricMetadata has the same). */
export const metadataTypes: readonly string[] = [
  "unknown",
  "counter",
  "gauge",
  "histogram",
  "gaugehistogram",
  "summary",
  "info",
  "stateset",
];

const seriesTag = 0x2a;
const refsTag = 0x0a;
const metadataTag = 0x2a;
const sampleTag = 0x12;
const valueTag = 0x09;

/** The length of a field with that number, which is left out where it is 0. */
function refField(value: number): number {
  return value === 0 ? 0 : 1 + varintLength(value);
}

function writeRefField(out: Uint8Array, at: number, tag: number, value: number): number {
  if (value === 0) return at;
  out[at] = tag;
  return writeVarint32(out, at + 1, value);
}
