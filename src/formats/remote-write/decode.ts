import { isUtf8 } from "node:buffer";
import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { SeriesRegistry } from "../../signals/series-registry.ts";
import { HistogramFields, isStaleMarker } from "./decode-histogram.ts";
import { readFamily, SeriesMetadataFields } from "./decode-metadata.ts";
import { LabelBytesMemory } from "./label-bytes-memory.ts";
import { ReceivedMetadata } from "./received-metadata.ts";
import { type ReceivedRequest, ReceivedRows } from "./received-rows.ts";
import { ReceivedSeries } from "./received-series.ts";

/** By their full names, which a request's Content-Type has. */
export type ProtobufMessage = "prometheus.WriteRequest" | "io.prometheus.write.v2.Request";

/**
 * Reads the two messages of remote write, and gives their series ids of one registry, which has their metadata, too.
 *
 *     1.0   WriteRequest   TimeSeries: labels as texts ────────┐
 *                                                              ├─► ReceivedSeries ─► ReceivedRows ─► batches
 *     2.0   Request        symbols; TimeSeries: labels_refs ───┘
 *
 * The labels of 1.0 come as the same bytes each time: known bytes are not read again (see LabelBytesMemory).
 *
 * `decode` throws a ProtobufError for bytes that are no such message. Series that are not valid are left out and told.
 */
export class RequestDecoder {
  readonly registry: SeriesRegistry;
  readonly #wire = new WireReader();
  readonly #series = new ReceivedSeries();
  readonly #refs: number[] = [];
  readonly #labels = new LabelBytesMemory();
  readonly #metadata = new ReceivedMetadata();
  readonly #said = new SeriesMetadataFields();
  #symbols: string[] = [];
  /** When the series at hand began, as it says itself; 0 where it does not. */
  #created = 0;
  #layout = 0;

  constructor(registry: SeriesRegistry) {
    this.registry = registry;
    registry.table.metadata = this.#metadata;
  }

  decode(message: Buffer, as: ProtobufMessage): ReceivedRequest {
    const rows = new ReceivedRows(this.registry, () => ++this.#layout);
    this.#open(message);
    this.#labels.beginRequest();
    if (as === "prometheus.WriteRequest") this.#readWriteRequest(rows);
    else this.#readRequest(message, rows);
    return rows.finish();
  }

  #open(message: Buffer): void {
    this.#wire.open(message, viewOf(message), 0, message.length);
  }

  #readWriteRequest(rows: ReceivedRows): void {
    const wire = this.#wire;
    while (wire.next()) {
      if (wire.field === 1) this.#readSeries(rows, textsFields);
      else if (wire.field === familyField) this.#note(readFamily(wire, () => this.#readText()));
      else wire.skip();
    }
  }

  /** Nothing says that the symbols come before the series. */
  #readRequest(message: Buffer, rows: ReceivedRows): void {
    const wire = this.#wire;
    this.#symbols = [];
    while (wire.next()) {
      if (wire.field === 4) this.#symbols.push(this.#readText());
      else wire.skip();
    }
    this.#open(message);
    while (wire.next()) {
      if (wire.field === 5) this.#readSeries(rows, refsFields);
      else wire.skip();
    }
    this.#symbols = [];
  }

  #readSeries(rows: ReceivedRows, fields: SeriesFields): void {
    const wire = this.#wire;
    const labels = this.#labels;
    this.#series.clear();
    this.#refs.length = 0;
    const outer = wire.enter();
    this.#created = 0;
    this.#said.clear();
    labels.begin(wire.at);
    while (wire.next()) {
      if (wire.field === fields.labels) this.#takeLabels(fields);
      else if (wire.field === fields.samples) this.#readSample();
      else if (wire.field === fields.histograms) this.#readHistogram();
      else if (wire.field === fields.exemplars) this.#readExemplar(fields);
      else this.#readRest(fields);
    }
    wire.leave(outer);
    if (this.#created !== 0) this.#series.startAll(this.#created);
    if (fields.hasRefs) this.#addByRefs(rows);
    else this.#addByTexts(rows);
  }

  #readRest({ hasRefs }: SeriesFields): void {
    if (hasRefs && this.#wire.field === createdField) this.#created = this.#wire.int64AsNumber();
    else if (hasRefs && this.#wire.field === metadataField) this.#said.read(this.#wire);
    else this.#wire.skip();
  }

  /** Metadata that are no text are no reason to refuse samples. */
  #note(said: MetricMetadata): void {
    if (said.family !== "" && ![said.family, said.help, said.unit].includes(brokenText)) this.#metadata.note(said);
  }

  #takeLabels({ hasRefs }: SeriesFields): void {
    if (hasRefs) this.#wire.uint32s(this.#refs);
    else this.#takeLabel();
  }

  #takeLabel(): void {
    this.#wire.takeBytes();
    this.#labels.extend(this.#wire.fieldStart, this.#wire.at);
  }

  #addByRefs(rows: ReceivedRows): void {
    const { texts } = this.#series;
    this.#resolve(this.#refs, texts);
    if (rows.add(this.#series) === undefined) return;
    const said = this.#said.metadata(texts[texts.indexOf("__name__") + 1]!, this.#symbols);
    if (said !== undefined) this.#note(said);
  }

  #addByTexts(rows: ReceivedRows): void {
    const series = this.#series;
    const labels = this.#labels;
    const { bytes } = this.#wire;
    const known = series.isValid ? labels.known(bytes) : undefined;
    if (known !== undefined) {
      rows.addKnown(series, known);
      return;
    }
    this.#readTexts();
    const id = rows.add(series);
    if (id !== undefined) labels.remember(bytes, id, this.registry.table.size);
  }

  /** Goes back to where the labels are, reads them, and returns. */
  #readTexts(): void {
    const wire = this.#wire;
    const { at, bytes } = wire;
    const view = viewOf(bytes);
    wire.open(bytes, view, this.#labels.from, this.#labels.to);
    while (wire.next()) {
      if (wire.field === textsFields.labels) this.#readLabel(this.#series.texts);
      else wire.skip();
    }
    wire.open(bytes, view, at, bytes.length);
  }

  #readLabel(texts: string[]): void {
    const wire = this.#wire;
    const outer = wire.enter();
    let name = "";
    let value = "";
    while (wire.next()) {
      if (wire.field === 1) name = this.#readSeriesText();
      else if (wire.field === 2) value = this.#readSeriesText();
      else wire.skip();
    }
    wire.leave(outer);
    texts.push(name, value);
  }

  #readSample(): void {
    const wire = this.#wire;
    const outer = wire.enter();
    let value = 0;
    let timestamp = 0;
    let isStale = false;
    let start = 0;
    while (wire.next()) {
      if (wire.field === 1) {
        value = wire.double();
        isStale = isStaleMarker(wire, value);
      } else if (wire.field === 2) timestamp = wire.int64AsNumber();
      // Of 2.0 alone; in 1.0 there is no such field.
      else if (wire.field === 3) start = wire.int64AsNumber();
      else wire.skip();
    }
    wire.leave(outer);
    this.#series.addSample(value, timestamp, isStale, start);
  }

  #readHistogram(): void {
    const fields = new HistogramFields();
    fields.read(this.#wire);
    const received = fields.received();
    this.#series.problem ??= received.problem;
    this.#series.histograms.push(received);
  }

  #readExemplar({ hasRefs }: SeriesFields): void {
    const wire = this.#wire;
    const texts: string[] = [];
    const refs: number[] = [];
    const outer = wire.enter();
    let value = 0;
    let timestamp = 0;
    while (wire.next()) {
      if (wire.field === 1 && hasRefs) wire.uint32s(refs);
      else if (wire.field === 1) this.#readLabel(texts);
      else if (wire.field === 2) value = wire.double();
      else if (wire.field === 3) timestamp = wire.int64AsNumber();
      else wire.skip();
    }
    wire.leave(outer);
    this.#resolve(refs, texts);
    this.#series.exemplars.push({ texts, value, timestamp });
  }

  #resolve(refs: readonly number[], texts: string[]): void {
    for (const ref of refs) {
      const text = this.#symbols[ref];
      if (text === undefined) this.#series.problem ??= `there is no symbol ${ref}`;
      else if (text === brokenText) this.#series.problem ??= "a label is not valid UTF-8";
      texts.push(text ?? "");
    }
    if (refs.length % 2 !== 0) {
      this.#series.problem ??= "a label has a name and no value";
      texts.push("");
    }
  }

  #readSeriesText(): string {
    const text = this.#readText();
    if (text === brokenText) this.#series.problem ??= "a label is not valid UTF-8";
    return text;
  }

  #readText(): string {
    const from = this.#wire.takeBytes();
    const { bytes, at } = this.#wire;
    const text = bytes.toString("utf8", from, at);
    return text.includes("\ufffd") && !isUtf8(bytes.subarray(from, at)) ? brokenText : text;
  }
}

/** Stands for bytes that are no text: valid UTF-8 never reads as a lone surrogate. */
const brokenText = "\ud800";

/** The numbers of a TimeSeries' fields. */
interface SeriesFields {
  readonly labels: number;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** Whether labels are numbers of symbols. */
  readonly hasRefs: boolean;
}

/** The start of all samples of a TimeSeries of 2.0, as senders said it before each sample had one of its own. */
const createdField = 6;
/** Of a TimeSeries of 2.0. */
const metadataField = 5;
/** Of a WriteRequest of 1.0. */
const familyField = 3;

/** prompb/types.proto. */
const textsFields: SeriesFields = { labels: 1, samples: 2, exemplars: 3, histograms: 4, hasRefs: false };
/** prompb/io/prometheus/write/v2/types.proto. */
const refsFields: SeriesFields = { labels: 1, samples: 2, histograms: 3, exemplars: 4, hasRefs: true };
