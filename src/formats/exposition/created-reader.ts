import type { Body } from "./body.ts";
import type { ExpositionError } from "./exposition-error.ts";
import type { PageReader } from "./page-reader.ts";
import { PageReaderOver } from "./page-reader-over.ts";
import type { Rows } from "./rows.ts";
import type { SkippedLines } from "./skipped-lines.ts";

/** What is known of an entry: the metric that it belongs to, or that it belongs to none. */
const unknownMetric = 0;
const noMetric = 1;

/**
 * Reads OpenMetrics by another reader, and makes start timestamps of its `_created` series: those are no samples then, as
 * in Prometheus with created-timestamp-zero-ingestion.
 *
 *     from    c_total 5 │ c_created 1700000000.25 │ h_bucket{le="1"} 3 │ h_count 3 │ h_created 1700000001
 *     to      c_total 5, since 1700000000250      │ h_bucket{le="1"} 3 and h_count 3, since 1700000001000
 *
 * A metric is its family and its labels without `le` and `quantile`. Only counters, histograms and summaries have such a
 * time; a series of this name in any other family is one like all others.
 */
export class CreatedReader extends PageReaderOver<Body> implements PageReader {
  /** By entry: the number of its metric, negative for the series that says when the metric began. */
  #metricOf: number[] = [];
  #numbers = new Map<string, number>();
  /** By number of a metric: since when it counts, in milliseconds; 0 where this page does not say. */
  #starts: number[] = [];
  /** Entries of the last page that have become no rows. */
  #created = new Set<number>();

  read(page: Body, rows: Rows, skipped?: SkippedLines): ExpositionError | undefined {
    const mistake = this.pages.read(page, rows, skipped);
    this.#starts.fill(0);
    this.#created.clear();
    this.#takeCreated(page, rows);
    if (this.#created.size > 0) this.#startRows(rows);
    return mistake;
  }

  get size(): number {
    return this.pages.size;
  }

  takeLabels(entry: number, page: Body): readonly string[] {
    return this.pages.takeLabels(entry, page);
  }

  typeOf(entry: number): string {
    return this.pages.typeOf(entry);
  }

  /** The page has series that its target has not. */
  isCrowded(live: number): boolean {
    return this.pages.isCrowded(live + this.#created.size);
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const renumbered = this.pages.compact((entry) => keep(entry) || this.#created.has(entry));
    this.#created = new Set([...this.#created].map((entry) => renumbered[entry]!));
    this.#metricOf = [];
    this.#numbers = new Map();
    this.#starts = [];
    return renumbered;
  }

  /** Takes the rows of `_created` away; the others move up. */
  #takeCreated(page: Body, rows: Rows): void {
    const { entries, values, timestamps, length } = rows;
    const taken: number[] = [];
    let to = 0;
    for (let row = 0; row < length; row++) {
      const entry = entries[row]!;
      const metric = this.#metric(entry, page);
      if (metric < 0) {
        this.#starts[-metric] = startOf(values[row]!);
        this.#created.add(entry);
        taken.push(row);
        continue;
      }
      entries[to] = entry;
      values[to] = values[row]!;
      timestamps[to] = timestamps[row]!;
      to++;
    }
    rows.length = to;
    if (taken.length > 0) moveUp(rows, taken);
  }

  #startRows(rows: Rows): void {
    for (let row = 0; row < rows.length; row++) {
      const start = this.#starts[this.#metricOf[rows.entries[row]!]!] ?? 0;
      if (start !== 0) rows.start(row, start);
    }
  }

  #metric(entry: number, page: Body): number {
    while (this.#metricOf.length <= entry) this.#metricOf.push(unknownMetric);
    const known = this.#metricOf[entry]!;
    if (known !== unknownMetric) return known;
    const metric = this.#learn(this.pages.takeLabels(entry, page), this.pages.typeOf(entry));
    this.#metricOf[entry] = metric;
    return metric;
  }

  #learn([, name = "", ...labels]: readonly string[], type: string): number {
    const endings = endingsOf[type];
    if (endings === undefined) return noMetric;
    const isCreated = name.endsWith(created);
    const ending = isCreated ? created : (endings.find((text) => name.endsWith(text)) ?? "");
    const key = JSON.stringify([name.slice(0, name.length - ending.length), ...sharedLabels(labels)]);
    const number = this.#numbers.get(key) ?? this.#numbers.size + noMetric + 1;
    this.#numbers.set(key, number);
    while (this.#starts.length <= number) this.#starts.push(0);
    return isCreated ? -number : number;
  }
}

const created = "_created";

/** By type, those of the series that share a start. */
const endingsOf: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  histogram: ["_bucket", "_count", "_sum"],
  summary: ["_count", "_sum"],
};

/** Sorted, because a page may write them in any order. */
function sharedLabels(labels: readonly string[]): string[] {
  const pairs: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    if (name !== "le" && name !== "quantile") pairs.push(JSON.stringify([name, labels[at + 1]!]));
  }
  return pairs.sort();
}

/** Seconds on the page. What is no time is none. */
function startOf(seconds: number): number {
  const milliseconds = Math.trunc(seconds * 1000);
  return Number.isSafeInteger(milliseconds) ? milliseconds : 0;
}

/** What is said about rows, by their numbers: `taken`, in order, are gone. */
function moveUp(rows: Rows, taken: readonly number[]): void {
  let gone = 0;
  const before = (row: number) => {
    while (taken[gone]! < row) gone++;
    return gone;
  };
  rows.exemplars = rows.exemplars.flatMap((exemplar) => {
    const row = exemplar.row - before(exemplar.row);
    return taken[gone] === exemplar.row ? [] : [{ ...exemplar, row }];
  });
  gone = 0;
  const { marks = [] } = rows;
  for (let at = 0; at < marks.length; at += 2) marks[at] = marks[at]! - before(marks[at]!);
}
