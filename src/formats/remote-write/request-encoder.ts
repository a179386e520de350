import { WireWriter } from "../../lib/protobuf-writer.ts";
import { SnappyEncoder, writeVarint } from "../../lib/snappy.ts";
import type { Labels } from "../../signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";
import { messageKinds } from "./message-kinds.ts";
import { writeHistogram } from "./rare-fields.ts";
import { RequestSymbols } from "./request-symbols.ts";
import { sixByteTime, staleMarker } from "./sample.ts";
import { SeriesHeads } from "./series-heads.ts";
import { MessageTemplate, TemplateScratch } from "./template.ts";

/** The layout that a table's last batch had, and its templates by their first row. */
interface LayoutTemplates {
  readonly layout: number;
  readonly version: number;
  batches: number;
  readonly plainBatches: number;
  readonly templates: Map<number, { readonly to: number; readonly template: MessageTemplate }>;
}

/** More rows would need more letters than a template has. */
const maxRows = 8000;

/** With fewer rows a request of their own would cost more than encoding them. */
const worthARequest = 150;

/**
 * Rows of batches become one compressed `Request` of remote write 2.0: a TimeSeries for each sample, with the metadata of
 * its family.
 *
 * A message has one symbol table, so that pieces cannot follow one another as those of 1.0 do. Rows of a layout that has
 * been here before, if they are many, are therefore a block by themselves, a template with its own table (see
 * template.ts, and block-encoder.ts for when a layout is worth one); all others are gathered and encoded plainly:
 *
 *     many rows, known layout    rows ─► template ──────────────────────────────────────────► block
 *     all others                 rows ─► series, the symbols they need in front ─► Snappy ──► block
 */
export class RequestEncoder {
  readonly kind = messageKinds["io.prometheus.write.v2.Request"];
  readonly pieceRows = maxRows;
  readonly #externalLabels: Labels;
  readonly #plainBatches: number;
  readonly #heads = new WeakMap<SeriesLookup, SeriesHeads>();
  readonly #layouts = new WeakMap<SeriesLookup, LayoutTemplates>();
  readonly #symbols = new RequestSymbols();
  readonly #snappy = new SnappyEncoder();
  readonly #scratch = new TemplateScratch();
  /** What stands behind a head: the value, the tag of the time, the time. */
  readonly #tail = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0);
  readonly #tailView = new DataView(this.#tail.buffer);
  #timestamp = Number.NaN;
  #time: Uint8Array | undefined;
  #series = new WireWriter();
  /** What `standsAlone` has said about the rows to come. */
  #isAlone = false;
  /** A block that a template has rendered. */
  #rendered: Uint8Array | undefined;

  constructor(externalLabels: Labels, plainBatches = 20) {
    this.#externalLabels = externalLabels;
    this.#plainBatches = plainBatches;
  }

  /** What is encoded from here on is no row. */
  get plain(): this {
    return this;
  }

  /** Whether these rows are to be a block by themselves. To be asked once for each piece, before it is appended. */
  standsAlone(batch: MetricBatch, from: number, to: number): boolean {
    const known = this.#layoutOf(batch);
    if (from === 0) known.batches++;
    const isStable = known.batches > known.plainBatches;
    this.#isAlone = isStable && to - from >= worthARequest && hasOneTime(batch, from, to);
    return this.#isAlone;
  }

  append(batch: MetricBatch, from: number, to: number): void {
    if (this.#isAlone) {
      this.#isAlone = false;
      this.#rendered = this.#render(batch, from, to);
      return;
    }
    const heads = this.#headsOf(batch.series);
    const { ids, values, timestamps, staleFrom, startTimestamps } = batch;
    for (let row = from; row < to; row++) {
      const time = startTimestamps?.[row] ? undefined : this.#timeOf(timestamps[row]!);
      if (time === undefined) this.#appendRow(heads, batch, row);
      else this.#appendUsualRow(heads, ids[row]!, values[row]!, row >= staleFrom, time);
    }
  }

  appendHistograms({ series, histograms = [] }: MetricBatch, from: number, to: number): void {
    const heads = this.#headsOf(series);
    for (const sample of histograms.slice(from, to)) {
      const body = new WireWriter();
      writeHistogram(body, sample, histogramField);
      this.#appendFields(heads, sample.id, body.finish());
    }
  }

  appendExemplars({ series, exemplars = [] }: MetricBatch, from: number, to: number): void {
    const heads = this.#headsOf(series);
    for (const { id, labels, value, timestamp } of exemplars.slice(from, to)) {
      const body = new WireWriter();
      body.message(exemplarField, (out) => {
        out.packedUint32(
          1,
          labels.map((text) => this.#symbols.ref(text)),
        );
        out.double(2, value);
        out.int64(3, timestamp);
      });
      this.#appendFields(heads, id, body.finish());
    }
  }

  /** The compressed block so far, in memory of its own. Starts a new one. */
  take(): Uint8Array {
    const rendered = this.#rendered;
    this.#rendered = undefined;
    if (rendered !== undefined) return rendered;
    const series = this.#series.finish();
    const message = Buffer.allocUnsafe(this.#symbols.length + series.length);
    message.set(series, this.#symbols.writeTo(message, 0));
    this.#series = new WireWriter();
    this.#symbols.clear();
    return this.#snappy.compress(message);
  }

  /** As most are: a time of six bytes, and nothing else. */
  #appendUsualRow(heads: SeriesHeads, id: number, value: number, isStale: boolean, time: Uint8Array): void {
    this.#series.fields(heads.sampleHead(id, this.#symbols));
    const tail = this.#tail;
    if (isStale) tail.set(staleMarker);
    else if (Number.isNaN(value)) tail.set(plainNaN);
    else this.#tailView.setFloat64(0, value, true);
    tail.set(time, 9);
    this.#series.fields(tail);
  }

  #appendRow(heads: SeriesHeads, { ids, values, timestamps, staleFrom, startTimestamps }: MetricBatch, row: number) {
    const body = new WireWriter();
    body.message(sampleField, (out) => {
      if (row >= staleFrom) out.fields(staleValue);
      else out.presentDouble(1, values[row]!);
      out.int64(2, timestamps[row]!);
      out.int64(3, startTimestamps?.[row] ?? 0);
    });
    this.#appendFields(heads, ids[row]!, body.finish());
  }

  #appendFields(heads: SeriesHeads, id: number, body: Uint8Array): void {
    this.#series.fields(heads.fields(id, this.#symbols, body.length));
    this.#series.fields(body);
  }

  #timeOf(timestamp: number): Uint8Array | undefined {
    if (timestamp === this.#timestamp) return this.#time;
    this.#timestamp = timestamp;
    this.#time = sixByteTime(timestamp);
    return this.#time;
  }

  #headsOf(series: SeriesLookup): SeriesHeads {
    const known = this.#heads.get(series);
    if (known !== undefined) return known;
    const created = new SeriesHeads(series, this.#externalLabels);
    this.#heads.set(series, created);
    return created;
  }

  #layoutOf({ series, layout }: MetricBatch): LayoutTemplates {
    const known = this.#layouts.get(series);
    const { version } = this.#headsOf(series);
    if (known !== undefined && known.layout === layout && known.version === version) return known;
    const plainBatches = known === undefined ? 1 : this.#plainBatches;
    const created = { layout, version, batches: 0, plainBatches, templates: new Map() };
    this.#layouts.set(series, created);
    return created;
  }

  #render(batch: MetricBatch, from: number, to: number): Uint8Array {
    const template = this.#templateOf(batch, from, to);
    const block = new Uint8Array(5 + template.length);
    const head = writeVarint(block, 0, template.messageLength);
    const time = sixByteTime(batch.timestamps[from]!)!;
    template.render(block, new DataView(block.buffer), head, batch, from, time);
    return block.subarray(0, head + template.length);
  }

  #templateOf(batch: MetricBatch, from: number, to: number): MessageTemplate {
    const { templates } = this.#layoutOf(batch);
    const stored = templates.get(from);
    if (stored?.to === to) return stored.template;
    const heads = this.#headsOf(batch.series);
    const symbols = new RequestSymbols();
    // All symbols must be known before the table is written in front of the first row.
    for (let row = from; row < to; row++) heads.fields(batch.ids[row]!, symbols, 0);
    const table = Buffer.allocUnsafe(symbols.length);
    symbols.writeTo(table, 0);
    const headOf = (row: number) => {
      const head = heads.sampleHead(batch.ids[from + row]!, symbols);
      return row === 0 ? Buffer.concat([table, head]) : head;
    };
    const template = new MessageTemplate(this.#scratch, headOf, to - from, batch.staleFrom - from);
    templates.set(from, { to, template });
    return template;
  }
}

/** Of a TimeSeries (write/v2/types.proto). */
const sampleField = 2;
const histogramField = 3;
const exemplarField = 4;

/** The one that Go and Prometheus write. */
const plainNaN = Uint8Array.of(1, 0, 0, 0, 0, 0, 0xf8, 0x7f);

/** Field 1 of a Sample. */
const staleValue = Buffer.concat([Uint8Array.of(0x09), staleMarker]);

/** What a template can say: one time for all rows, of six bytes, and no start of anything. */
function hasOneTime({ timestamps, startTimestamps }: MetricBatch, from: number, to: number): boolean {
  const timestamp = timestamps[from]!;
  if (startTimestamps !== undefined || sixByteTime(timestamp) === undefined) return false;
  for (let row = from + 1; row < to; row++) if (timestamps[row] !== timestamp) return false;
  return true;
}
