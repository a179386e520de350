import { type Labels, mergeLabels } from "../../signals/labels.ts";
import { type MetricMetadata, metadataOf } from "../../signals/metadata.ts";
import type { SeriesLookup } from "../../signals/metric-batch.ts";
import { type RequestSymbols, varintLength, writeVarint32 } from "./request-symbols.ts";

/**
 * What a `Request` of remote write 2.0 says about a series in front of its sample:
 *
 *     2a len │ 0a len refs of the labels │ 2a len 08 type 18 help 20 unit │ 12 len [18 start] 09 │ value │ 10 │ time
 *     └──────────────────────────── the head ───────────────────────────────────────────────────┘
 *
 * The order of fields is free in protobuf: with the sample last, the head is one run of bytes.
 */
export class SeriesHeads {
  readonly #series: SeriesLookup;
  readonly #externalLabels: Labels;
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
    const refs = mergeLabels(this.#externalLabels, this.#series.labels(id)).map((text) => symbols.ref(text));
    const packed = refs.reduce((sum, ref) => sum + varintLength(ref), 0);
    const metadata = this.#metadata(id, symbols);
    const length = 1 + varintLength(packed) + packed + metadata.length + rest;
    if (this.#bytes.length < length + 16) this.#bytes = Buffer.allocUnsafe(2 * length + 16);
    const out = this.#bytes;
    out[0] = seriesTag;
    let at = writeVarint32(out, 1, length);
    out[at++] = refsTag;
    at = writeVarint32(out, at, packed);
    for (const ref of refs) at = writeVarint32(out, at, ref);
    for (const byte of metadata) out[at++] = byte;
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

  /** The field `metadata`, empty where nothing is known. */
  #metadata(id: number, symbols: RequestSymbols): readonly number[] {
    const known = this.#known(id);
    if (known === undefined) return [];
    const type = metadataTypes.indexOf(known.type);
    const fields = [
      ...(type > 0 ? [0x08, type] : []),
      ...refField(0x18, symbols.ref(known.help)),
      ...refField(0x20, symbols.ref(known.unit)),
    ];
    return [metadataTag, fields.length, ...fields];
  }

  #known(id: number): MetricMetadata | undefined {
    const source = this.#series.metadata;
    if (source === undefined) return undefined;
    if (source.metadataVersion !== this.#version) {
      this.#version = source.metadataVersion;
      this.#families = new Map(source.metadata().map((each) => [each.family, each]));
    }
    const labels = this.#series.labels(id);
    const at = labels.indexOf("__name__");
    return at < 0 ? undefined : metadataOf(this.#families, labels[at + 1]!);
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

function refField(tag: number, ref: number): number[] {
  if (ref === 0) return [];
  const bytes = new Uint8Array(5);
  return [tag, ...bytes.subarray(0, writeVarint32(bytes, 0, ref))];
}
