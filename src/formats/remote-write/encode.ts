import { WireWriter } from "../../lib/protobuf-writer.ts";
import type { Labels } from "../../signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";
import { LabelBytes, labelFields, Slab, sampleLength } from "./label-bytes.ts";
import { writeExemplar, writeHistogram } from "./rare-fields.ts";

/**
 * Rows of batches become one `WriteRequest` of remote write 1.0: a TimeSeries for each sample, as Prometheus sends it.
 *
 *     row      ids ─► LabelBytes.of(id)             values      timestamps
 *     message  │ everything up to the value (copy) │ 8 bytes │ 10 │ varint │ next TimeSeries …
 *
 * So a sample costs one copy and four writes. The rows of a scrape share their time: its varint is made once and then
 * stored as two words.
 *
 * Values are doubles bit by bit. Rows from `staleFrom` on get the bits of Prometheus' stale marker, other NaNs those of
 * its ordinary NaN (model/value in prometheus): only the encoder may write either, as JavaScript numbers keep no payload.
 *
 * Messages concatenate (the fields are repeated), so batches follow one another in the buffer.
 */
export class WriteRequestEncoder {
  readonly #externalLabels: Labels;
  readonly #labelBytes = new WeakMap<SeriesLookup, LabelBytes>();
  readonly #scratch = new Slab();
  #buffer = new Uint8Array(initialSize);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;
  /** The time of the last row, and its varint as words; 0 bytes while it is not 6 bytes long. */
  #time = Number.NaN;
  #timeIsShort = false;
  #timeLow = 0;
  #timeHigh = 0;

  constructor(externalLabels: Labels) {
    this.#externalLabels = externalLabels;
  }

  /** Adds the rows `from` … `to - 1`; with `isOnce`, keeps nothing of series that are not kept already. */
  append(batch: MetricBatch, from: number, to: number, isOnce = false): void {
    const { ids, values, timestamps, staleFrom } = batch;
    const labelBytes = this.labelBytesOf(batch.series);
    for (let row = from; row < to; row++) {
      const bytes = isOnce ? labelBytes.once(ids[row]!) : labelBytes.of(ids[row]!);
      this.#reserve(bytes.length + maxSampleTail);
      const timestamp = timestamps[row]!;
      if (timestamp !== this.#time) this.#setTime(timestamp);
      if (!this.#timeIsShort) this.#writeHeadForLongTime(bytes);
      else {
        this.#buffer.set(bytes, this.#length);
        this.#length += bytes.length;
      }
      this.#writeValue(values[row]!, row >= staleFrom);
      this.#writeTime();
    }
  }

  /** Adds the histograms `from` … `to - 1`, each as a TimeSeries of its own. */
  appendHistograms({ series, histograms = [] }: MetricBatch, from: number, to: number): void {
    for (const sample of histograms.slice(from, to)) {
      this.#appendSeries(series, sample.id, (out) => writeHistogram(out, sample));
    }
  }

  /** Adds the exemplars `from` … `to - 1`, each as a TimeSeries without samples. */
  appendExemplars({ series, exemplars = [] }: MetricBatch, from: number, to: number): void {
    for (const exemplar of exemplars.slice(from, to)) {
      this.#appendSeries(series, exemplar.id, (out) => writeExemplar(out, exemplar));
    }
  }

  /** The message so far; valid until the next `append`. Starts a new one. */
  take(): Uint8Array {
    const message = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return message;
  }

  #appendSeries(table: SeriesLookup, id: number, write: (series: WireWriter) => void): void {
    const request = new WireWriter();
    request.message(timeSeriesField, (series) => {
      series.fields(labelFields(this.labelBytesOf(table).of(id)));
      write(series);
    });
    const bytes = request.finish();
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Lets go of what it keeps of the series of this table, until one of them comes again. */
  forget(series: SeriesLookup): void {
    this.#labelBytes.delete(series);
  }

  /** What it keeps of the series of this table. */
  labelBytesOf(series: SeriesLookup): LabelBytes {
    const known = this.#labelBytes.get(series);
    if (known !== undefined) return known;
    const created = new LabelBytes(series, this.#externalLabels, this.#scratch);
    this.#labelBytes.set(series, created);
    return created;
  }

  #writeValue(value: number, isStale: boolean): void {
    const at = this.#length;
    this.#length = at + 8;
    if (isStale) this.#writeBits(at, 0x7ff00000, 2);
    else if (Number.isNaN(value)) this.#writeBits(at, 0x7ff80000, 1);
    else this.#view.setFloat64(at, value, true);
  }

  #writeBits(at: number, high: number, low: number): void {
    this.#view.setUint32(at, low, true);
    this.#view.setUint32(at + 4, high, true);
  }

  #writeTime(): void {
    this.#buffer[this.#length] = timestampTag;
    if (!this.#timeIsShort) {
      this.#length = writeVarint64(this.#buffer, this.#length + 1, BigInt(this.#time));
      return;
    }
    this.#view.setUint32(this.#length + 1, this.#timeLow, true);
    this.#view.setUint16(this.#length + 5, this.#timeHigh, true);
    this.#length += 7;
  }

  #setTime(timestamp: number): void {
    this.#time = timestamp;
    this.#timeIsShort = timestamp >= 2 ** 35 && timestamp < 2 ** 42;
    if (!this.#timeIsShort) return;
    const scratch = new DataView(new ArrayBuffer(8));
    writeVarint64(new Uint8Array(scratch.buffer), 0, BigInt(timestamp));
    this.#timeLow = scratch.getUint32(0, true);
    this.#timeHigh = scratch.getUint16(4, true);
  }

  /** The rare times whose varint is not 6 bytes long change the two lengths that the cached bytes hold. */
  #writeHeadForLongTime(bytes: Uint8Array): void {
    const labels = labelFields(bytes);
    const timeLength = writeVarint64(new Uint8Array(10), 0, BigInt(this.#time));
    const sample = sampleLength - 6 + timeLength;
    const out = this.#buffer;
    let at = this.#length;
    out[at++] = bytes[0]!;
    at = writeVarint64(out, at, BigInt(labels.length + sample));
    out.set(labels, at);
    at += labels.length;
    out[at++] = bytes.at(-3)!;
    out[at++] = sample - 2;
    out[at++] = bytes.at(-1)!;
    this.#length = at;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const initialSize = 64 * 1024;
const timestampTag = 0x10;
/** Of a WriteRequest. */
const timeSeriesField = 1;

/** The value, and a time of at most 10 bytes with its tag; and one byte by which the lengths in front may grow. */
const maxSampleTail = 8 + 1 + 10 + 1;

/** Negative numbers take ten bytes, as protobuf's int64 does. */
function writeVarint64(out: Uint8Array, from: number, value: bigint): number {
  let at = from;
  let left = BigInt.asUintN(64, value);
  while (left > 127n) {
    out[at++] = Number(left & 127n) | 128;
    left >>= 7n;
  }
  out[at++] = Number(left);
  return at;
}
