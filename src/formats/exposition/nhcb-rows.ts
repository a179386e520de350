import { ClassicHistogram } from "./classic-histogram.ts";
import { ExpositionError } from "./exposition-error.ts";
import { bucketsIn } from "./histogram-buckets.ts";
import type { HistogramPart, NhcbSeries } from "./nhcb-series.ts";
import type { Declaration } from "./page-reader.ts";
import { compareExemplars } from "./protobuf-exemplar.ts";
import type { RowExemplar, Rows } from "./rows.ts";

export interface NhcbOptions {
  readonly isOpenMetrics: boolean;
  /** Whether the classic series are kept beside the histograms that are made of them. */
  readonly classicHistograms: boolean;
  /** Histograms with more buckets fail the page: bounds of their own cannot be merged. 0 is no limit. */
  readonly bucketLimit: number;
}

/** The histogram whose series come one behind the other. */
interface Collected {
  readonly histogram: string;
  /** The entry of one of its series. */
  readonly entry: number;
  /** Since when it counts; 0 where that is not known. */
  readonly start: number;
}

/**
 * Makes native histograms with custom buckets of the classic ones on a page (Prometheus: textparse.NHCBParser):
 *
 *     from    # TYPE h histogram │ h_bucket{le="1"} │ h_bucket{le="+Inf"} │ h_sum │ h_count │ # TYPE … │ other
 *     to                                                                              h ────┘            other
 *
 * A histogram ends where a line says something else. One that stands there as a native one as well, right before its
 * classic series, is not made again. From the first histogram on, Prometheus reads over the `_created` series of
 * OpenMetrics, too. Entries of `from` have the even numbers in `to`, the histograms the odd ones.
 */
export class NhcbRows {
  readonly #series: NhcbSeries;
  readonly #options: NhcbOptions;
  readonly #from: Rows;
  readonly #to: Rows;
  readonly #classic = new ClassicHistogram();
  #declared: Declaration | undefined;
  #collected: Collected | undefined;
  /** The native histogram that was seen last, until a series of another one. */
  #native: string | undefined;
  #exemplars: RowExemplar[] = [];
  #nextExemplar = 0;
  #timestamp = Number.NaN;
  #skipsCreated = false;
  #error: ExpositionError | undefined;

  constructor(series: NhcbSeries, options: NhcbOptions, from: Rows, to: Rows) {
    this.#series = series;
    this.#options = options;
    this.#from = from;
    this.#to = to;
  }

  /** Returns what is wrong with a histogram, as far as it fails the page. One that is still open is left out if the page is `cut`. */
  convert(isCut: boolean): ExpositionError | undefined {
    const { length, marks = [] } = this.#from;
    let mark = 0;
    for (let row = 0; row <= length; row++) {
      for (; marks[mark] === row; mark += 2) this.#passMark(marks[mark + 1]!);
      if (row < length) this.#takeRow(row);
    }
    if (!isCut) this.#endHistogram();
    this.#to.withoutRow = this.#from.withoutRow;
    return this.#error;
  }

  #passMark(mark: number): void {
    this.#declared = this.#series.declaration(mark) ?? this.#declared;
    this.#endHistogram();
  }

  #takeRow(row: number): void {
    const { entries, timestamps, histograms, refused } = this.#from;
    const entry = entries[row]!;
    const part = this.#declared && this.#series.part(entry, this.#declared);
    if (this.#skipsCreated && part?.role === "created") return;
    this.#timestamp = timestamps[row]!;
    if (histograms.has(row) || refused.has(row)) {
      this.#endHistogram();
      this.#native = this.#series.native(entry);
      this.#copy(row);
      return;
    }
    if (this.#collected !== undefined && part?.histogram !== this.#collected.histogram) this.#endHistogram();
    if (part?.histogram !== this.#native) this.#native = undefined;
    const isPart = part?.role === "bucket" || part?.role === "sum" || part?.role === "count";
    if (isPart && this.#native === undefined) this.#collect(row, part);
    else this.#copy(row);
  }

  #collect(row: number, { histogram = "", role, bound }: HistogramPart): void {
    const { entries, starts, hasStarts } = this.#from;
    this.#collected ??= { histogram, entry: entries[row]!, start: hasStarts ? starts[row]! : 0 };
    this.#skipsCreated = this.#options.isOpenMetrics;
    const value = this.#from.values[row]!;
    if (role === "bucket") this.#classic.setBucket(bound, value);
    else if (role === "sum") this.#classic.setSum(value);
    else this.#classic.setCount(value);
    this.#exemplars.push(...this.#exemplarsOf(row));
    if (this.#options.classicHistograms) this.#copy(row);
  }

  /** Prometheus gives it the timestamp of the sample that was read last, which may be one behind its own. */
  #endHistogram(): void {
    if (this.#collected === undefined) return;
    const { histogram, entry, start } = this.#collected;
    const native = this.#classic.convert();
    const exemplars = this.#exemplars;
    this.#collected = undefined;
    this.#classic.clear();
    this.#exemplars = [];
    if (native === undefined) return;
    const to = this.#to;
    const row = to.length;
    to.push(this.#series.number(histogram, entry) * 2 + 1, Number.NaN, this.#timestamp);
    if (start !== 0) to.start(row, start);
    const { bucketLimit } = this.#options;
    if (bucketLimit > 0 && bucketsIn(native.positiveSpans) > bucketLimit) this.#refuse(row, histogram);
    else to.histograms.set(row, native);
    // Without a timestamp they are of no use there.
    const dated = exemplars.filter(({ timestamp }) => !Number.isNaN(timestamp)).sort(compareExemplars);
    to.exemplars.push(...dated.map((exemplar) => ({ ...exemplar, row })));
  }

  #refuse(row: number, histogram: string): void {
    this.#to.refused.add(row);
    const [name] = JSON.parse(histogram);
    const { bucketLimit } = this.#options;
    this.#error ??= new ExpositionError(
      `the histogram "${name}" has more than ${bucketLimit} buckets, its native_histogram_bucket_limit`,
    );
  }

  #copy(row: number): void {
    const [from, to] = [this.#from, this.#to];
    const copied = to.length;
    to.push(from.entries[row]! * 2, from.values[row]!, from.timestamps[row]!);
    if (from.hasStarts) to.start(copied, from.starts[row]!);
    const histogram = from.histograms.get(row);
    if (histogram !== undefined) to.histograms.set(copied, histogram);
    if (from.refused.has(row)) to.refused.add(copied);
    to.exemplars.push(...this.#exemplarsOf(row).map((exemplar) => ({ ...exemplar, row: copied })));
  }

  /** To be asked in the order of the rows; each is given once. */
  #exemplarsOf(row: number): RowExemplar[] {
    const { exemplars } = this.#from;
    const from = this.#nextExemplar;
    while (exemplars[this.#nextExemplar]?.row === row) this.#nextExemplar++;
    return from === this.#nextExemplar ? none : exemplars.slice(from, this.#nextExemplar);
  }
}

const none: RowExemplar[] = [];
