import type { Labels } from "../../signals/labels.ts";
import type { MetricBatch, SeriesLookup } from "../../signals/metric-batch.ts";

/** Where the rows of a layout go. */
interface Split {
  readonly layout: number;
  /** By shard: the rows that it gets, and their ids. */
  readonly parts: readonly { readonly rows: Uint32Array; readonly ids: Uint32Array; readonly staleFrom: number }[];
}

interface ShardedTable {
  /** By id; 255 stands for a series that was not looked at yet. */
  shards: Uint8Array;
  split: Split | undefined;
}

const unknownShard = 255;

/**
 * Spreads the series of batches over shards, by a hash of their labels: a series is in the same shard after a restart, too,
 * and so its samples stay in their order although shards do not wait for one another.
 *
 *     rows      a1 b1 c1 d1 ┆ e      behind ┆ are the stale markers
 *     shard 0   a1    c1    ┆ e
 *     shard 1      b1    d1 ┆
 *
 * A series is looked at once, a layout is split once; what is left to do for every batch is to copy its columns.
 */
export class BatchSharder {
  readonly #count: number;
  readonly #tables = new WeakMap<SeriesLookup, ShardedTable>();

  constructor(count: number) {
    this.#count = count;
  }

  /** By shard; undefined for one that gets nothing. They are valid as long as the batch they were made from. */
  split(batch: MetricBatch): (MetricBatch | undefined)[] {
    const table = this.#tableOf(batch.series);
    if (table.split?.layout !== batch.layout) table.split = this.#splitRows(table, batch);
    const { histograms = [], exemplars = [], startTimestamps } = batch;
    return table.split.parts.map(({ rows, ids, staleFrom }, shard) => {
      const isHere = ({ id }: { readonly id: number }) => this.#shardOf(table, batch.series, id) === shard;
      const here = { histograms: histograms.filter(isHere), exemplars: exemplars.filter(isHere) };
      if (rows.length + here.histograms.length + here.exemplars.length === 0) return undefined;
      return {
        series: batch.series,
        layout: batch.layout,
        ids,
        values: Float64Array.from(rows, (row) => batch.values[row]!),
        timestamps: Float64Array.from(rows, (row) => batch.timestamps[row]!),
        ...(startTimestamps !== undefined && {
          startTimestamps: Float64Array.from(rows, (row) => startTimestamps[row]!),
        }),
        length: rows.length,
        staleFrom,
        ...here,
      };
    });
  }

  #tableOf(series: SeriesLookup): ShardedTable {
    const known = this.#tables.get(series);
    if (known !== undefined) return known;
    const created = { shards: new Uint8Array(0), split: undefined };
    this.#tables.set(series, created);
    return created;
  }

  #splitRows(table: ShardedTable, { series, ids, length, staleFrom, layout }: MetricBatch): Split {
    const parts = Array.from({ length: this.#count }, () => ({ rows: [] as number[], staleFrom: 0 }));
    for (let row = 0; row < length; row++) {
      const part = parts[this.#shardOf(table, series, ids[row]!)]!;
      part.rows.push(row);
      if (row < staleFrom) part.staleFrom++;
    }
    return {
      layout,
      parts: parts.map(({ rows, staleFrom }) => ({
        rows: Uint32Array.from(rows),
        ids: Uint32Array.from(rows, (row) => ids[row]!),
        staleFrom,
      })),
    };
  }

  #shardOf(table: ShardedTable, series: SeriesLookup, id: number): number {
    if (id >= table.shards.length) {
      const larger = new Uint8Array(Math.max(series.size, id + 1)).fill(unknownShard);
      larger.set(table.shards);
      table.shards = larger;
    }
    const known = table.shards[id]!;
    if (known !== unknownShard) return known;
    const shard = hashOf(series.labels(id)) % this.#count;
    table.shards[id] = shard;
    return shard;
  }
}

/** FNV-1a over UTF-16 units. It must stay as it is: backlogs on disk are split by it. */
function hashOf(labels: Labels): number {
  let hash = 0x811c9dc5;
  for (const text of labels) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  }
  // The low bits of a product know little of the high ones.
  return (hash ^ (hash >>> 15)) >>> 0;
}
