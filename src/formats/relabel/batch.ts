import { equalLabels, type Labels, labelValue } from "../../signals/labels.ts";
import type { MetadataSource } from "../../signals/metadata.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { relabel } from "./apply.ts";
import { type CompiledRule, changesLabels, compileRule } from "./compile.ts";

/*
 * Rules look at labels only. So a series is relabeled once, a sequence of rows is worked out once, and what is left to
 * do for every batch is to copy two columns (or nothing at all, if no row was dropped).
 *
 *     once per series      source id    0    1    2    3    4        relabeled id: the same number, the first one of
 *                                       │    ✗    │    │    │        those whose labels have become equal (3 → 0), or
 *                          id           0    ·    2    0    4        none
 *
 *     once per layout      source rows  0    1    2    3  ┆ 4        behind ┆ are the stale markers
 *                          kept rows    0         2       ┆ 4        row 3 would be series 0 a second time
 *                          ids          0         2       ┆ 4
 *
 *     every batch          values[k] = batch.values[rows[k]]         timestamps alike
 *
 * Ids keep their numbers, so later stages may go on keeping things in arrays by id. All of this lives as long as the
 * source's series table: there is no cache to size.
 */

/** Samples (not stale markers) that were left out of a batch, by reason. */
export interface DroppedSamples {
  /** By a rule. */
  readonly rule: number;
  /** The rules left no `__name__`, which a series cannot be without. */
  readonly unnamed: number;
  /** The rules gave two series the same labels; as in a scrape, the first sample wins. */
  readonly duplicate: number;
}

export class BatchRelabeler {
  readonly #rules: readonly CompiledRule[];
  readonly #mayMerge: boolean;
  readonly #tables = new WeakMap<SeriesLookup, RelabeledTable>();
  #values = new Float64Array(0);
  #timestamps = new Float64Array(0);

  constructor(rules: readonly RelabelRule[]) {
    this.#rules = rules.map(compileRule);
    this.#mayMerge = rules.some(changesLabels);
  }

  /** The result is valid until the next call, and no longer than the batch it was made from. */
  relabel(batch: MetricBatch): { batch: MetricBatch; dropped: DroppedSamples } {
    const table = this.#table(batch.series);
    const layout = table.layout(batch);
    const { ids, rows, staleFrom, dropped } = layout;
    const { values, timestamps } = rows.length === batch.length ? batch : this.#gather(batch, rows);
    const relabeled: WritableBatch = {
      series: table,
      layout: batch.layout,
      ids,
      values,
      timestamps,
      length: rows.length,
      staleFrom,
    };
    if (batch.startTimestamps !== undefined) relabeled.startTimestamps = startsOf(batch.startTimestamps, rows);
    if (batch.histograms === undefined && batch.exemplars === undefined) return { batch: relabeled, dropped };
    return withRareColumns(batch, relabeled, table, dropped);
  }

  #table(series: SeriesLookup): RelabeledTable {
    const known = this.#tables.get(series);
    if (known !== undefined) return known;
    const table = new RelabeledTable(series, this.#rules, this.#mayMerge);
    this.#tables.set(series, table);
    return table;
  }

  /** Into columns that all batches share: a batch is valid only until `receive` returns. */
  #gather(batch: MetricBatch, rows: Uint32Array): { values: Float64Array; timestamps: Float64Array } {
    if (this.#values.length < rows.length) {
      this.#values = new Float64Array(rows.length);
      this.#timestamps = new Float64Array(rows.length);
    }
    const values = this.#values;
    const timestamps = this.#timestamps;
    for (let to = 0; to < rows.length; to++) {
      const from = rows[to]!;
      values[to] = batch.values[from]!;
      timestamps[to] = batch.timestamps[from]!;
    }
    return { values, timestamps };
  }
}

type WritableBatch = { -readonly [Column in keyof MetricBatch]: MetricBatch[Column] };

function startsOf(startTimestamps: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => startTimestamps[row]!);
}

/** Histograms are relabeled like rows. Exemplars go where their series goes. */
function withRareColumns(
  { histograms = [], exemplars = [] }: MetricBatch,
  relabeled: MetricBatch,
  table: RelabeledTable,
  droppedRows: DroppedSamples,
): { batch: MetricBatch; dropped: DroppedSamples } {
  const dropped = { ...droppedRows };
  const speakers = new Map<number, number>();
  const keptHistograms = histograms.flatMap((sample) => {
    const id = table.id(sample.id);
    const reason = dropReason(id, sample.id, speakers);
    if (reason === undefined) return { ...sample, id };
    dropped[reason]++;
    return [];
  });
  const keptExemplars = exemplars.flatMap((exemplar) => {
    const id = table.id(exemplar.id);
    return id < 0 ? [] : { ...exemplar, id };
  });
  return { batch: { ...relabeled, histograms: keptHistograms, exemplars: keptExemplars }, dropped };
}

/** The rows that are left of one layout. */
interface Layout {
  readonly layout: number;
  readonly rows: Uint32Array;
  /** Of the kept rows, after relabeling. */
  readonly ids: Uint32Array;
  readonly staleFrom: number;
  readonly dropped: DroppedSamples;
}

/** Stand for an id where there is none. */
const droppedByRule = -1;
const unnamed = -2;

/** What has become of the series of one table. */
class RelabeledTable implements SeriesLookup {
  readonly #source: SeriesLookup;
  readonly #rules: readonly CompiledRule[];
  /** Source id to id, filled as series are first seen. */
  readonly #ids: number[] = [];
  /** By id; holes where a series was dropped or merged. */
  readonly #labels: Labels[] = [];
  /** Hash of labels to id; undefined where rules cannot make labels equal. */
  readonly #byHash: Map<number, number> | undefined;
  readonly #texts = new Map<string, string>();
  #merged = false;
  #layout: Layout | undefined;

  constructor(source: SeriesLookup, rules: readonly CompiledRule[], mayMerge: boolean) {
    this.#source = source;
    this.#rules = rules;
    this.#byHash = mayMerge ? new Map() : undefined;
  }

  get size(): number {
    return this.#source.size;
  }

  /** Rules change series, and what their families are stays. */
  get metadata(): MetadataSource | undefined {
    return this.#source.metadata;
  }

  labels(id: number): Labels {
    return this.#labels[id]!;
  }

  /** What became of the source's id: an id, or what stands for none. */
  id(sourceId: number): number {
    this.#relabelOnce(sourceId);
    return this.#ids[sourceId]!;
  }

  layout(batch: MetricBatch): Layout {
    if (this.#layout?.layout !== batch.layout) this.#layout = this.#keptRows(batch);
    return this.#layout;
  }

  #keptRows(batch: MetricBatch): Layout {
    for (let row = 0; row < batch.length; row++) this.#relabelOnce(batch.ids[row]!);
    const rows = new Uint32Array(batch.length);
    const ids = new Uint32Array(batch.length);
    const dropped = { rule: 0, unnamed: 0, duplicate: 0 };
    // Who speaks for an id in this layout. Nobody else can, as long as no two series have become one.
    const speakers = this.#merged ? new Map<number, number>() : undefined;
    let length = 0;
    let staleFrom = 0;
    for (let row = 0; row < batch.length; row++) {
      const sourceId = batch.ids[row]!;
      const id = this.#ids[sourceId]!;
      const reason = dropReason(id, sourceId, speakers);
      const isSample = row < batch.staleFrom;
      if (reason !== undefined) {
        if (isSample) dropped[reason]++;
        continue;
      }
      rows[length] = row;
      ids[length++] = id;
      if (isSample) staleFrom = length;
    }
    return { layout: batch.layout, rows: rows.slice(0, length), ids: ids.slice(0, length), staleFrom, dropped };
  }

  #relabelOnce(sourceId: number): void {
    if (this.#ids[sourceId] !== undefined) return;
    const source = this.#source.labels(sourceId);
    const labels = relabel(this.#rules, source);
    this.#ids[sourceId] = this.#idOf(sourceId, labels && this.#share(labels, source));
  }

  #idOf(sourceId: number, labels: Labels | undefined): number {
    if (labels === undefined) return droppedByRule;
    if (labelValue(labels, "__name__") === "") return unnamed;
    const id = this.#byHash === undefined ? sourceId : this.#firstWith(labels, sourceId, this.#byHash);
    if (id === sourceId) this.#labels[id] = labels;
    else this.#merged = true;
    return id;
  }

  /** What rules write is mostly the same for many series: one copy of each text is kept. */
  #share(labels: Labels, source: Labels): Labels {
    if (labels === source) return labels;
    const own = new Set(source);
    return labels.map((text) => {
      if (own.has(text)) return text;
      const shared = this.#texts.get(text) ?? text;
      this.#texts.set(shared, shared);
      return shared;
    });
  }

  /** The first series with these labels. Of sets with the same hash, the next takes the next free number. */
  #firstWith(labels: Labels, sourceId: number, byHash: Map<number, number>): number {
    for (let hash = hashLabels(labels); ; hash++) {
      const first = byHash.get(hash);
      if (first !== undefined && !equalLabels(this.#labels[first]!, labels)) continue;
      if (first === undefined) byHash.set(hash, sourceId);
      return first ?? sourceId;
    }
  }
}

function dropReason(
  id: number,
  sourceId: number,
  speakers: Map<number, number> | undefined,
): keyof DroppedSamples | undefined {
  if (id === droppedByRule) return "rule";
  if (id === unnamed) return "unnamed";
  if (speakers === undefined) return undefined;
  const speaker = speakers.get(id);
  if (speaker === undefined) speakers.set(id, sourceId);
  return speaker === undefined || speaker === sourceId ? undefined : "duplicate";
}

/** FNV-1a over the UTF-16 units; equal hashes are compared. */
function hashLabels(labels: Labels): number {
  let hash = 0x811c9dc5;
  for (const text of labels) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  return hash;
}
