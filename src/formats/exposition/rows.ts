import type { Labels } from "../../signals/labels.ts";
import type { NativeHistogram } from "../../signals/native-histogram.ts";

/** Of the series in the same row. */
export interface RowExemplar {
  readonly row: number;
  /** Sorted, as a series' are. */
  readonly labels: Labels;
  readonly value: number;
  /** Milliseconds since the epoch; NaN where the page gives none. */
  readonly timestamp: number;
}

/** What a scan found: row i is the cache's entry `entries[i]` with `values[i]`. The columns grow and are used again. */
export class Rows {
  entries = new Int32Array(1024);
  values = new Float64Array(1024);
  /** Milliseconds, or NaN where the line has no timestamp. */
  timestamps = new Float64Array(1024);
  length = 0;
  /** By row: the rows whose sample is a histogram. Their value means nothing. */
  readonly histograms = new Map<number, NativeHistogram>();
  /** Rows whose histogram is over the bucket limit: they count and are not taken, and the page fails at its end. */
  readonly refused = new Set<number>();
  /** In the order of their rows. */
  exemplars: RowExemplar[] = [];
  /** By row: when the counting began, in milliseconds since the epoch, and 0 where that is not known. Means nothing until `hasStarts`. */
  starts = new Float64Array(0);
  hasStarts = false;
  /** Samples that count as scraped and have no row: native histograms that are not wanted, or not valid. */
  withoutRow = 0;
  /**
   * Where the page says something else than samples, for readers that are asked for it: the row that comes next, and what
   * stands there, by turns.
   */
  marks: number[] | undefined;

  clear(): void {
    this.length = 0;
    this.withoutRow = 0;
    if (this.histograms.size > 0) this.histograms.clear();
    if (this.refused.size > 0) this.refused.clear();
    if (this.exemplars.length > 0) this.exemplars = [];
    if (this.marks !== undefined) this.marks = [];
    if (this.hasStarts) this.starts.fill(0);
    this.hasStarts = false;
  }

  /** `what` is for the reader to explain (PageReader.declaration). */
  mark(what: number): void {
    this.marks?.push(this.length, what);
  }

  push(entry: number, value: number, timestamp: number): void {
    const row = this.length;
    if (row === this.entries.length) this.reserve(row + 1);
    this.entries[row] = entry;
    this.values[row] = value;
    this.timestamps[row] = timestamp;
    this.length = row + 1;
  }

  /** Says when the counting of that row's series began; the rows that are not told of have no such time. */
  start(row: number, milliseconds: number): void {
    if (this.starts.length < this.entries.length) {
      this.starts = copyInto(new Float64Array(this.entries.length), this.starts);
    }
    this.starts[row] = milliseconds;
    this.hasStarts = true;
  }

  /** Makes room for that many rows. */
  reserve(rows: number): void {
    if (rows <= this.entries.length) return;
    const capacity = Math.max(rows, this.entries.length * 2);
    this.entries = copyInto(new Int32Array(capacity), this.entries);
    this.values = copyInto(new Float64Array(capacity), this.values);
    this.timestamps = copyInto(new Float64Array(capacity), this.timestamps);
    if (this.hasStarts) this.starts = copyInto(new Float64Array(capacity), this.starts);
  }
}

function copyInto<Column extends Int32Array | Float64Array>(target: Column, source: Column): Column {
  target.set(source);
  return target;
}
