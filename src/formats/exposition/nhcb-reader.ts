import type { Body } from "./body.ts";
import type { ExpositionError } from "./exposition-error.ts";
import { type NhcbOptions, NhcbRows } from "./nhcb-rows.ts";
import { NhcbSeries } from "./nhcb-series.ts";
import type { PageReader } from "./page-reader.ts";
import { PageReaderOver } from "./page-reader-over.ts";
import { Rows } from "./rows.ts";
import type { SkippedLines } from "./skipped-lines.ts";

/** So many histograms more than needed are no reason yet to start again. */
const spareHistograms = 500;

/** Reads pages by another reader, and makes native histograms with custom buckets of their classic ones. */
export class NhcbReader<Page = Body> extends PageReaderOver<Page> implements PageReader<Page> {
  readonly #options: NhcbOptions;
  /** The page as it is. */
  readonly #read = new Rows();
  /** The one that is read at the moment. */
  #page: Page | undefined;
  #series: NhcbSeries;

  constructor(pages: PageReader<Page>, options: NhcbOptions) {
    super(pages);
    this.#options = options;
    this.#series = this.#newSeries();
    this.#read.marks = [];
  }

  read(page: Page, rows: Rows, skipped?: SkippedLines): ExpositionError | undefined {
    this.#read.clear();
    const mistake = this.pages.read(page, this.#read, skipped);
    this.#page = page;
    const refusal = new NhcbRows(this.#series, this.#options, this.#read, rows).convert(mistake !== undefined);
    this.#page = undefined;
    return mistake ?? refusal;
  }

  get size(): number {
    return 2 * Math.max(this.pages.size, this.#series.size);
  }

  takeLabels(entry: number, page: Page): readonly string[] {
    return isHistogram(entry) ? this.#series.labels(entry >> 1) : this.pages.takeLabels(entry >> 1, page);
  }

  typeOf(entry: number): string {
    return isHistogram(entry) ? "histogram" : this.pages.typeOf(entry >> 1);
  }

  /** The page has series that its target has not. */
  isCrowded(live: number): boolean {
    return this.#series.size > 2 * live + spareHistograms || this.pages.isCrowded(Math.max(live, this.#read.length));
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const { size } = this;
    const [old, inPage] = [this.#series, new Set(this.#read.entries.subarray(0, this.#read.length))];
    const pages = this.pages.compact((entry) => keep(entry * 2) || inPage.has(entry));
    this.#series = this.#newSeries();
    const histograms = this.#series.adopt(old, (number) => keep(number * 2 + 1));
    return Int32Array.from({ length: size }, (_, entry) => {
      const renumbered = (isHistogram(entry) ? histograms : pages)[entry >> 1] ?? 0;
      return renumbered * 2 + (entry & 1);
    });
  }

  #newSeries(): NhcbSeries {
    return new NhcbSeries({
      takeLabels: (entry) => (this.#page === undefined ? [] : this.pages.takeLabels(entry, this.#page)),
      declaration: (mark) => this.pages.declaration(mark),
    });
  }
}

function isHistogram(entry: number): boolean {
  return (entry & 1) === 1;
}
