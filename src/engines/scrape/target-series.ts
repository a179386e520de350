import type { Rows } from "../../formats/exposition/rows.ts";
import type { Interner } from "../../signals/interner.ts";
import type { Labels } from "../../signals/labels.ts";
import type { HistogramSample, MetricBatch } from "../../signals/metric-batch.ts";
import type { NativeHistogram } from "../../signals/native-histogram.ts";
import { BatchLayout } from "./batch-layout.ts";
import { droppedEntry, unknownEntry } from "./entry-table.ts";
import type { Exposure } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import { reportCount, reportValues, type ScrapeTimes } from "./report.ts";
import { checkLabels, seriesLabels } from "./series-labels.ts";
import { SeriesMemory } from "./series-memory.ts";
import { labelKey, type ScrapeSettings } from "./settings.ts";

/** Samples further ahead than this are dropped (Prometheus: scrape.maxAheadTime). */
const maxAheadMs = 10 * 60_000;

/**
 * The series of one target from scrape to scrape, and the batch that each scrape makes of them:
 *
 *     entry ──idOf──► id ──table──► labels          rows:  samples … │ reports │ stale markers …
 *                                                                                └ staleFrom
 *
 * The rules are those of Prometheus' scrape loop. A failed scrape gives its reports and the markers of what it had not
 * seen before it failed; what it had seen is neither written nor marked.
 *
 * The values and timestamps of a batch are the columns of the rows it was made from, changed in place: what is kept
 * never moves to a later row.
 */
export class TargetSeries {
  #target: Labels;
  #settings: ScrapeSettings;
  readonly #memory: SeriesMemory;
  #layout = new BatchLayout();
  #startsAnew = false;
  /** How many series there were in the last scrape that succeeded. */
  #live = 0;

  // Of the scrape at work.
  #timestamp = 0;
  #length = 0;
  #scraped = 0;
  #afterRelabeling = 0;
  #added = 0;
  #appended = 0;
  #distinct = 0;
  /** Whether a histogram was refused: what comes behind one does not count as added. */
  #hasRefused = false;
  #left = { duplicate: 0, outOfBounds: 0, outOfOrder: 0 };
  #histograms: HistogramSample[] = [];

  constructor(target: Labels, settings: ScrapeSettings, interner: Interner) {
    this.#target = target;
    this.#settings = settings;
    this.#memory = new SeriesMemory(target, interner);
  }

  /** Settings that say which labels a series has make all series be read again; those that stay the same keep their id. */
  update(settings: ScrapeSettings): void {
    if (labelKey(settings) !== labelKey(this.#settings)) this.#memory.entries.forgetAll();
    this.#settings = settings;
  }

  /** Begins a scrape: everything up to `finish` belongs to it. */
  begin(timestamp: number): void {
    this.#memory.begin();
    this.#timestamp = timestamp;
    this.#length = 0;
    this.#scraped = 0;
    this.#afterRelabeling = 0;
    this.#added = 0;
    this.#appended = 0;
    this.#distinct = 0;
    this.#hasRefused = false;
    this.#left = { duplicate: 0, outOfBounds: 0, outOfOrder: 0 };
    this.#histograms = [];
  }

  /** Samples that were not written although the scrape succeeded. */
  get leftOut(): LeftOut {
    return this.#left;
  }

  get scraped(): number {
    return this.#scraped;
  }

  /** Takes the rows up to the first that cannot be taken, and returns why not. */
  append(rows: Rows, exposure: Exposure): ScrapeFailure | undefined {
    this.#startsAnew = this.#memory.follow(exposure);
    this.#reserve(rows.length);
    const { entries: known, staleness, committed } = this.#memory;
    const { honorTimestamps, sampleLimit } = this.#settings;
    const isOverLimit = sampleLimit > 0 && rows.length > sampleLimit;
    const hasHistograms = rows.histograms.size + rows.refused.size > 0;
    const needsCare = isOverLimit || hasHistograms || committed.newest >= this.#timestamp;
    const { ids, seen, scrape } = known;
    const { entries, values, timestamps, starts } = rows;
    for (let row = 0; row < rows.length; row++) {
      const entry = entries[row]!;
      const timestamp = timestamps[row]!;
      const isExplicit = honorTimestamps && !Number.isNaN(timestamp);
      const id = ids[entry]!;
      this.#scraped++;
      if (id < 0 || isExplicit || needsCare || seen[entry] === scrape) {
        const failure = this.#appendWithCare(rows, row, exposure, isExplicit);
        if (failure !== undefined) return failure;
        continue;
      }
      seen[entry] = scrape;
      this.#distinct++;
      this.#afterRelabeling++;
      staleness.track(id);
      this.#layout.put(this.#length, id);
      values[this.#length] = values[row]!;
      timestamps[this.#length] = this.#timestamp;
      if (rows.hasStarts) starts[this.#length] = startBefore(this.#timestamp, starts[row]!);
      this.#length++;
    }
    this.#scraped += rows.withoutRow;
    if (this.#isWithinLimit()) return undefined;
    return new ScrapeFailure("sample_limit", `${this.#appended} samples; sample_limit is ${sampleLimit}`);
  }

  /** Ends the scrape; a failure takes back what was appended. */
  finish(rows: Rows, exposure: Exposure, failure: ScrapeFailure | undefined, times: ScrapeTimes): MetricBatch {
    const isUp = failure === undefined;
    const { extraMetrics, sampleLimit } = this.#settings;
    const exemplars = isUp && rows.exemplars.length > 0 ? this.#takeExemplars(rows) : [];
    this.#memory.exemplars.settle(isUp);
    if (!isUp) this.#length = 0;
    const report = {
      isUp,
      ...times,
      scraped: this.#scraped,
      afterRelabeling: this.#afterRelabeling,
      added: this.#added,
      sampleLimit,
      bodySize: exposure.bodySize,
    };
    for (const [id, value] of reportValues(report, extraMetrics).entries()) this.#put(rows, id, value);
    const stale = this.#memory.staleness.vanished().filter((id) => this.#memory.committed.isNewer(id, this.#timestamp));
    const batch = {
      ...this.#close(rows, stale),
      ...(isUp && rows.hasStarts && { startTimestamps: rows.starts }),
      ...(isUp && this.#histograms.length > 0 && { histograms: this.#histograms }),
      ...(exemplars.length > 0 && { exemplars }),
    };
    this.#memory.committed.commit(batch);
    // An empty page is no reason to forget what was there.
    if (isUp && (rows.length > 0 || exposure.bodySize > 0)) this.#settle(exposure);
    // Failing scrapes with ever new labels must not fill up the memory either.
    if (exposure.isCrowded(Math.max(this.#live, this.#distinct))) this.#compact(exposure);
    this.#memory.restWhenQuiet(exposure, this.#distinct);
    return batch;
  }

  /** The target is gone: markers for all it had in the last scrape, and for the reports. */
  end(rows: Rows, timestamp: number): MetricBatch {
    this.begin(timestamp);
    const reports = reportCount(this.#settings.extraMetrics);
    return this.#close(rows, [...Array(reports).keys(), ...this.#memory.staleness.vanished()]);
  }

  /** Where all is new at once, columns that grow by and by would leave much garbage behind. */
  #reserve(rows: number): void {
    const withReports = rows + reportCount(true);
    if (this.#memory.entries.known === 0) this.#memory.reserve(withReports);
    this.#layout.reserve(withReports);
  }

  /** A series that is new or dropped, a second sample of one, a timestamp of its own, a histogram, or a limit to watch. */
  #appendWithCare(rows: Rows, row: number, exposure: Exposure, isExplicit: boolean): ScrapeFailure | undefined {
    const { ids, seen, scrape } = this.#memory.entries;
    const entry = rows.entries[row]!;
    const isKnown = ids[entry] !== unknownEntry;
    const failure = isKnown ? undefined : this.#register(entry, exposure);
    if (failure !== undefined) return failure;

    const isRepeated = isKnown && seen[entry] === scrape;
    seen[entry] = scrape;
    if (!isRepeated) this.#distinct++;
    if (ids[entry] === droppedEntry) return undefined;
    this.#afterRelabeling++;
    if (isRepeated && !isExplicit) this.#left.duplicate++;
    else this.#appendOnce(rows, row, isKnown, isExplicit);
    return undefined;
  }

  #appendOnce(rows: Rows, row: number, isKnown: boolean, isExplicit: boolean): void {
    const { entries, staleness } = this.#memory;
    const entry = rows.entries[row]!;
    const id = entries.ids[entry]!;
    const timestamp = isExplicit ? rows.timestamps[row]! : this.#timestamp;
    this.#appended++;
    const isRefused = rows.refused.has(row);
    const isTaken = this.#isWithinLimit() && !isRefused && this.#isInTime(id, timestamp);
    if (isRefused) this.#hasRefused = true;
    const isAdded = isTaken && !isKnown && !this.#hasRefused && !(this.#startsAnew && staleness.wasTracked(id));
    // One that is new and not taken is tracked, and yet it stays new (Prometheus: trackStaleness and addRef).
    const isTracked = !isExplicit || this.#settings.trackTimestampsStaleness;
    if (isTracked && (isTaken || !isKnown)) staleness.track(id);
    if (isAdded) this.#added++;
    if (isTaken) this.#take(rows, row, id, timestamp);
    else if (!isKnown) {
      entries.unlearn(entry);
      this.#distinct--;
    }
  }

  #take(rows: Rows, row: number, id: number, timestamp: number): void {
    const histogram: NativeHistogram | undefined = rows.histograms.get(row);
    const start = rows.hasStarts ? startBefore(timestamp, rows.starts[row]!) : 0;
    if (histogram === undefined) this.#put(rows, id, rows.values[row]!, timestamp, start);
    else this.#histograms.push({ id, histogram, timestamp, ...(start !== 0 && { startTimestamp: start }) });
  }

  #takeExemplars(rows: Rows) {
    const { entries, exemplars } = this.#memory;
    const { ids } = entries;
    return exemplars.take(rows.exemplars, (row) => ids[rows.entries[row]!] ?? unknownEntry, this.#timestamp);
  }

  #isWithinLimit(): boolean {
    const { sampleLimit } = this.#settings;
    return sampleLimit === 0 || this.#appended <= sampleLimit;
  }

  #isInTime(id: number, timestamp: number): boolean {
    if (timestamp > this.#timestamp + maxAheadMs) this.#left.outOfBounds++;
    else if (!this.#memory.committed.isNewer(id, timestamp)) this.#left.outOfOrder++;
    else return true;
    return false;
  }

  #register(entry: number, exposure: Exposure): ScrapeFailure | undefined {
    const { honorLabels, metricRelabeling } = this.#settings;
    this.#memory.noteNews();
    try {
      const labels = metricRelabeling.apply(seriesLabels(exposure.takeLabels(entry), this.#target, honorLabels));
      if (labels === undefined) {
        this.#memory.entries.learn(entry, droppedEntry);
        return undefined;
      }
      checkLabels(labels, this.#settings);
      this.#memory.entries.learn(entry, this.#memory.registry.id(labels));
      return undefined;
    } catch (error) {
      if (error instanceof ScrapeFailure) return error;
      throw error;
    }
  }

  #put(rows: Rows, id: number, value: number, timestamp = this.#timestamp, start = 0): void {
    rows.reserve(this.#length + 1);
    this.#layout.put(this.#length, id);
    rows.values[this.#length] = value;
    rows.timestamps[this.#length] = timestamp;
    if (rows.hasStarts) rows.start(this.#length, start);
    this.#length++;
  }

  #close(rows: Rows, stale: readonly number[]): MetricBatch {
    const staleFrom = this.#length;
    for (const id of stale) this.#put(rows, id, 0);
    const length = this.#length;
    return {
      series: this.#memory.registry.table,
      layout: this.#layout.close(length, staleFrom),
      ids: this.#layout.ids,
      values: rows.values,
      timestamps: rows.timestamps,
      length,
      staleFrom,
    };
  }

  #compact(exposure: Exposure): void {
    this.#memory.compact(exposure);
    this.#layout = new BatchLayout();
  }

  /** After a success: series that it did not have are new when they come back. */
  #settle(exposure: Exposure): void {
    this.#memory.entries.forgetUnseen(this.#distinct, exposure.size);
    this.#live = this.#distinct;
  }
}

/** Nothing is counted before it begins: a start behind the sample itself is none. */
function startBefore(timestamp: number, start: number): number {
  return start <= timestamp ? start : 0;
}

/** Samples, by why they were not written. */
export interface LeftOut {
  readonly duplicate: number;
  readonly outOfBounds: number;
  readonly outOfOrder: number;
}
