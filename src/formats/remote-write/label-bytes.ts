import { type Labels, mergeLabels } from "../../signals/labels.ts";
import type { SeriesLookup } from "../../signals/metric-batch.ts";

/**
 * What the wire says about a series, kept from its first sample on. All samples of a series are the same bytes but for
 * the value and the time at the end:
 *
 *     0a len │ 0a len 0a 08 __name__ 12 02 up │ 0a len 0a 03 job 12 03 api │ 12 10 09 │ value 8  │ 10 │ time 6
 *     └────────────────────────── cached per series id ──────────────────────────────┘ └──── written per sample ───┘
 *
 * The lengths in front cover the sample too; that works because a sample takes 18 bytes while its time takes 6, which
 * it does from 1971 to 2109 (see encode.ts for the others).
 *
 * The bytes of all series of a table lie one behind the other in slabs; an entry is a view of a slab.
 */
export class LabelBytes {
  readonly #series: SeriesLookup;
  readonly #externalLabels: Labels;
  readonly #entries: Uint8Array[] = [];
  readonly #kept = new Slab();
  readonly #scratch: Slab;

  /**
   * `externalLabels` are added where the series has no label of the name. `scratch`: for what is not kept; those of many
   * tables may share it.
   */
  constructor(series: SeriesLookup, externalLabels: Labels, scratch: Slab) {
    this.#series = series;
    this.#externalLabels = externalLabels;
    this.#scratch = scratch;
  }

  of(id: number): Uint8Array {
    return this.#entries[id] ?? this.#add(id);
  }

  /** Without keeping it: valid until `once` is called again, also with another table's that shares the scratch. */
  once(id: number): Uint8Array {
    return this.#entries[id] ?? this.#encode(id, this.#scratch);
  }

  #add(id: number): Uint8Array {
    // An array with holes is slow, and ids of a new table come in no order.
    while (this.#entries.length < id) this.#entries.push(undefined as unknown as Uint8Array);
    const entry = this.#encode(id, this.#kept);
    this.#kept.keep(entry.length);
    this.#entries[id] = entry;
    return entry;
  }

  #encode(id: number, slab: Slab): Uint8Array {
    const labels = mergeLabels(this.#externalLabels, this.#series.labels(id));
    let labelsLength = 0;
    for (let at = 0; at < labels.length; at += 2)
      labelsLength += fieldLength(labelLength(labels[at]!, labels[at + 1]!));
    const length = labelsLength + sampleLength;
    const { bytes, from } = slab.reserve(1 + varintLength(length) + labelsLength + 3);
    let at = writeHead(bytes, from, timeSeriesTag, length);
    for (let pair = 0; pair < labels.length; pair += 2) at = writeLabel(bytes, at, labels[pair]!, labels[pair + 1]!);
    bytes[at++] = sampleTag;
    bytes[at++] = sampleLength - 2;
    bytes[at++] = valueTag;
    return bytes.subarray(from, at);
  }
}

/** Memory for many entries, one behind the other. */
export class Slab {
  #bytes = Buffer.alloc(0);
  #used = 0;

  /** Room for an entry, which the next one takes again unless it is kept. */
  reserve(length: number): { readonly bytes: Buffer; readonly from: number } {
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, slabSize));
      this.#used = 0;
    }
    return { bytes: this.#bytes, from: this.#used };
  }

  keep(length: number): void {
    this.#used += length;
  }
}

/** The part of an entry that says the labels, without anything of a sample. */
export function labelFields(entry: Uint8Array): Uint8Array {
  let from = 1;
  while (entry[from]! > 127) from++;
  return entry.subarray(from + 1, entry.length - 3);
}

/** With its head, while the time takes 6 bytes: `12 10`, `09` and the value, `10` and the time. */
export const sampleLength = 18;

/** Large enough that the allocator maps it apart, and gives it back as a whole; what is not touched takes no memory. */
const slabSize = 256 * 1024;

// Field number and wire type (protobuf encoding) of remote.proto and types.proto in prometheus/prompb.
const timeSeriesTag = 0x0a;
const labelTag = 0x0a;
const nameTag = 0x0a;
const labelValueTag = 0x12;
const sampleTag = 0x12;
const valueTag = 0x09;

function writeLabel(out: Buffer, from: number, name: string, value: string): number {
  let at = writeHead(out, from, labelTag, labelLength(name, value));
  at = writeText(out, at, nameTag, name);
  return writeText(out, at, labelValueTag, value);
}

function writeText(out: Buffer, from: number, tag: number, text: string): number {
  const at = writeHead(out, from, tag, Buffer.byteLength(text));
  return at + out.write(text, at);
}

function writeHead(out: Uint8Array, from: number, tag: number, length: number): number {
  let at = from;
  out[at++] = tag;
  let left = length;
  while (left > 127) {
    out[at++] = left | 128;
    left >>>= 7;
  }
  out[at++] = left;
  return at;
}

function labelLength(name: string, value: string): number {
  return fieldLength(Buffer.byteLength(name)) + fieldLength(Buffer.byteLength(value));
}

function fieldLength(length: number): number {
  return 1 + varintLength(length) + length;
}

function varintLength(value: number): number {
  let length = 1;
  for (let left = value; left > 127; left >>>= 7) length++;
  return length;
}
