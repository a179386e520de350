import { SnappyEncoder, writeVarint } from "../../lib/snappy.ts";
import type { Labels } from "../../signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";
import { WriteRequestEncoder } from "./encode.ts";
import { messageKinds } from "./message-kinds.ts";
import { sixByteTime } from "./sample.ts";
import { MessageTemplate, maxTemplateRows, TemplateScratch } from "./template.ts";

/** The layout that a table's last batch had. */
interface LayoutTemplates {
  readonly layout: number;
  /** How many batches have had it. */
  batches: number;
  /** How many of them have to, before it is worth templates. */
  readonly plainBatches: number;
  /** By their first row. */
  readonly templates: Map<number, { readonly to: number; readonly template: MessageTemplate }>;
}

/**
 * Rows of batches become one compressed WriteRequest. Rows whose layout has been here before are rendered from a template;
 * all others, and whatever is rare, go through the plain encoder:
 *
 *     layout seen often    rows ─► template ─────────────┐
 *     a new one            rows ─► message ─► Snappy ────┴─► pieces, one behind the other ─► block
 *
 * A block of Snappy is its length and elements, and a message is fields, all of them repeated: so pieces of both follow
 * one another as they are.
 */
export class BlockEncoder {
  readonly kind = messageKinds["prometheus.WriteRequest"];
  readonly pieceRows = maxTemplateRows;
  readonly #plain: WriteRequestEncoder;
  readonly #plainBatches: number;
  readonly #snappy = new SnappyEncoder();
  readonly #layouts = new WeakMap<SeriesLookup, LayoutTemplates>();
  readonly #scratch = new TemplateScratch();
  readonly #head = new Uint8Array(5);
  #out = new Uint8Array(initialSize);
  #view = new DataView(this.#out.buffer);
  #length = 0;
  #messageLength = 0;
  #timestamp = Number.NaN;
  #time: Uint8Array | undefined;

  /**
   * A template costs as much as encoding its rows some twenty times; a layout is worth one after `plainBatches`. The
   * first layout of a table has not changed yet, and gets templates at once.
   */
  constructor(externalLabels: Labels, plainBatches = 20) {
    this.#plainBatches = plainBatches;
    this.#plain = new WriteRequestEncoder(externalLabels);
  }

  /** Never: pieces of 1.0 follow one another in any block. */
  standsAlone(_batch: MetricBatch, _from: number, _to: number): boolean {
    return false;
  }

  /** Adds the rows `from` … `to - 1`, at most `maxTemplateRows` of them. */
  append(batch: MetricBatch, from: number, to: number): void {
    if (!this.#render(batch, from, to)) this.#plain.append(batch, from, to, this.#isFirst(batch));
  }

  /** What is encoded from here on is no row: see WriteRequestEncoder. */
  get plain(): WriteRequestEncoder {
    return this.#plain;
  }

  /** The compressed block so far, in memory that `allocate` gives. Starts a new one. */
  take(allocate: (length: number) => Uint8Array = (length) => new Uint8Array(length)): Uint8Array {
    this.#closePlain();
    const head = writeVarint(this.#head, 0, this.#messageLength);
    const block = allocate(head + this.#length);
    writeVarint(block, 0, this.#messageLength);
    block.set(this.#out.subarray(0, this.#length), head);
    this.#length = 0;
    this.#messageLength = 0;
    return block;
  }

  #render(batch: MetricBatch, from: number, to: number): boolean {
    const time = this.#timeOf(batch.timestamps[from]!);
    const template = time === undefined ? undefined : this.#templateOf(batch, from, to);
    if (time === undefined || template === undefined) return false;
    this.#closePlain();
    this.#reserve(template.length);
    if (!template.render(this.#out, this.#view, this.#length, batch, from, time)) return false;
    this.#length += template.length;
    this.#messageLength += template.messageLength;
    return true;
  }

  /** For this batch the labels need not be kept: most likely the next one gets templates, which hold them. */
  #isFirst({ series }: MetricBatch): boolean {
    const known = this.#layouts.get(series);
    return known?.plainBatches === 1 && known.batches === 1;
  }

  /** None while the layout is young: one that has changed may well change again. */
  #templateOf(batch: MetricBatch, from: number, to: number): MessageTemplate | undefined {
    const { series, layout, ids, staleFrom } = batch;
    const known = this.#layouts.get(series);
    if (known?.layout !== layout) {
      const plainBatches = known === undefined ? 1 : this.#plainBatches;
      this.#layouts.set(series, { layout, batches: 1, plainBatches, templates: new Map() });
      return undefined;
    }
    if (from === 0) known.batches++;
    if (known.batches <= known.plainBatches) return undefined;
    const stored = known.templates.get(from);
    if (stored?.to === to) return stored.template;
    const labelBytes = this.#plain.labelBytesOf(series);
    const template = new MessageTemplate(
      this.#scratch,
      (row) => labelBytes.once(ids[from + row]!),
      to - from,
      staleFrom - from,
    );
    known.templates.set(from, { to, template });
    // The templates hold the labels now.
    if (to === batch.length) this.#plain.forget(series);
    return template;
  }

  #closePlain(): void {
    const message = this.#plain.take();
    if (message.length === 0) return;
    this.#reserve(this.#snappy.bound(message.length));
    this.#length = this.#snappy.compressInto(message, this.#out, this.#length);
    this.#messageLength += message.length;
  }

  #timeOf(timestamp: number): Uint8Array | undefined {
    if (timestamp === this.#timestamp) return this.#time;
    this.#timestamp = timestamp;
    this.#time = sixByteTime(timestamp);
    return this.#time;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#out.length) return;
    const larger = new Uint8Array(Math.max(this.#out.length * 2, this.#length + length));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const initialSize = 64 * 1024;
