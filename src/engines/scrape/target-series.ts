import type { Rows } from "../../formats/exposition/rows.ts";
import { type Labels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import { BatchLayout } from "./batch-layout.ts";
import type { Exposure } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import type { Interner } from "./interner.ts";
import { checkLabels, seriesLabels } from "./series-labels.ts";
import { SeriesRegistry } from "./series-registry.ts";
import type { ScrapeSettings } from "./settings.ts";
import { Staleness } from "./staleness.ts";

const reportNames = [
  "up",
  "scrape_duration_seconds",
  "scrape_samples_scraped",
  "scrape_samples_post_metric_relabeling",
  "scrape_series_added",
] as const;

/** Samples further ahead than this are dropped (Prometheus: scrape.maxAheadTime). */
const maxAheadMs = 10 * 60_000;

const unknown = -1;

/**
 * The series of one target from scrape to scrape, and the batch that each scrape makes of them:
 *
 *     entry ──idOf──► id ──table──► labels          rows:  samples … │ 5 reports │ stale markers …
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
  readonly #interner: Interner;
  #registry: SeriesRegistry;
  #staleness = new Staleness();
  #layout = new BatchLayout();

  /** By entry: the id or `unknown`, and the number of the scrape that had it last. */
  #idOf = new Int32Array(64).fill(unknown);
  #seen = new Uint32Array(64);
  #scrape = 0;
  /** How many entries have an id, and how many there were in the last scrape that succeeded. */
  #known = 0;
  #live = 0;
  /** By id, where samples came with timestamps of their own: the last one that was sent. */
  #lastTimestamps = new Map<number, number>();

  // Of the scrape at work.
  #timestamp = 0;
  #length = 0;
  #scraped = 0;
  #afterRelabeling = 0;
  #added = 0;
  #appended = 0;
  #distinct = 0;
  #newTimestamps = new Map<number, number>();

  constructor(target: Labels, settings: ScrapeSettings, interner: Interner) {
    this.#target = target;
    this.#settings = settings;
    this.#interner = interner;
    this.#registry = this.#newRegistry();
  }

  /** Settings that say which labels a series has make all series be read again; those that stay the same keep their id. */
  update(settings: ScrapeSettings): void {
    const labelSettings = ["honorLabels", "labelLimit", "labelNameLengthLimit", "labelValueLengthLimit"] as const;
    if (labelSettings.some((name) => settings[name] !== this.#settings[name])) {
      this.#idOf.fill(unknown);
      this.#known = 0;
    }
    this.#settings = settings;
  }

  /** Begins a scrape: everything up to `finish` belongs to it. */
  begin(timestamp: number): void {
    this.#scrape++;
    this.#staleness.begin();
    this.#timestamp = timestamp;
    this.#length = 0;
    this.#scraped = 0;
    this.#afterRelabeling = 0;
    this.#added = 0;
    this.#appended = 0;
    this.#distinct = 0;
    this.#newTimestamps.clear();
  }

  get scraped(): number {
    return this.#scraped;
  }

  /** Takes the rows up to the first that cannot be taken, and returns why not. */
  append(rows: Rows, exposure: Exposure): ScrapeFailure | undefined {
    this.#reserveEntries(exposure.size);
    const { honorTimestamps, sampleLimit } = this.#settings;
    const { entries, values, timestamps } = rows;
    for (let row = 0; row < rows.length; row++) {
      const entry = entries[row]!;
      const timestamp = timestamps[row]!;
      const isExplicit = honorTimestamps && !Number.isNaN(timestamp);
      const id = this.#idOf[entry]!;
      this.#scraped++;
      if (id === unknown || isExplicit || sampleLimit > 0 || this.#seen[entry] === this.#scrape) {
        const failure = this.#appendWithCare(rows, row, exposure, isExplicit);
        if (failure !== undefined) return failure;
        continue;
      }
      this.#seen[entry] = this.#scrape;
      this.#distinct++;
      this.#afterRelabeling++;
      this.#staleness.track(id);
      this.#layout.put(this.#length, id);
      values[this.#length] = values[row]!;
      timestamps[this.#length] = this.#timestamp;
      this.#length++;
    }
    if (this.#isWithinLimit()) return undefined;
    return new ScrapeFailure("sample_limit", `${this.#appended} samples; sample_limit is ${sampleLimit}`);
  }

  /** Ends the scrape; a failure takes back what was appended. */
  finish(rows: Rows, exposure: Exposure, failure: ScrapeFailure | undefined, durationSeconds: number): MetricBatch {
    if (failure !== undefined) this.#length = 0;
    const reports = [failure === undefined ? 1 : 0, durationSeconds, this.#scraped, this.#afterRelabeling, this.#added];
    for (const [id, value] of reports.entries()) this.#put(rows, id, value);
    const batch = this.#close(rows, this.#staleness.vanished());
    if (failure === undefined) this.#settle(exposure);
    // Failing scrapes with ever new labels must not fill up the memory either.
    if (exposure.isCrowded(Math.max(this.#live, this.#distinct))) this.#compact(exposure);
    return batch;
  }

  /** The target is gone: markers for all it had in the last scrape, and for the reports. */
  end(rows: Rows, timestamp: number): MetricBatch {
    this.begin(timestamp);
    return this.#close(rows, [...reportNames.keys(), ...this.#staleness.vanished()]);
  }

  /** A series not seen before, a second sample of one, a timestamp of its own, or a limit to watch. */
  #appendWithCare(rows: Rows, row: number, exposure: Exposure, isExplicit: boolean): ScrapeFailure | undefined {
    const entry = rows.entries[row]!;
    const isKnown = this.#idOf[entry] !== unknown;
    const failure = isKnown ? undefined : this.#register(entry, exposure);
    if (failure !== undefined) return failure;

    const id = this.#idOf[entry]!;
    const isRepeated = this.#seen[entry] === this.#scrape;
    this.#seen[entry] = this.#scrape;
    if (!isRepeated) this.#distinct++;
    this.#afterRelabeling++;
    if (isRepeated && !isExplicit) return undefined;

    this.#appended++;
    const isTaken = this.#isWithinLimit() && (!isExplicit || this.#isInTime(id, rows.timestamps[row]!));
    // A series that is new is remembered even where its sample is not taken, as upstream.
    if (!isExplicit && (isTaken || !isKnown)) this.#staleness.track(id);
    if (isTaken && !isKnown) this.#added++;
    if (isTaken) this.#take(rows, row, id, isExplicit);
    return undefined;
  }

  #take(rows: Rows, row: number, id: number, isExplicit: boolean): void {
    const timestamp = isExplicit ? rows.timestamps[row]! : this.#timestamp;
    if (isExplicit) this.#newTimestamps.set(id, timestamp);
    this.#put(rows, id, rows.values[row]!, timestamp);
  }

  #isWithinLimit(): boolean {
    const { sampleLimit } = this.#settings;
    return sampleLimit === 0 || this.#appended <= sampleLimit;
  }

  /** Two samples of one scrape are both sent, so only those of earlier scrapes count. */
  #isInTime(id: number, timestamp: number): boolean {
    return timestamp <= this.#timestamp + maxAheadMs && timestamp > (this.#lastTimestamps.get(id) ?? -1);
  }

  #register(entry: number, exposure: Exposure): ScrapeFailure | undefined {
    try {
      const labels = seriesLabels(exposure.takeLabels(entry), this.#target, this.#settings.honorLabels);
      checkLabels(labels, this.#settings);
      this.#idOf[entry] = this.#registry.id(labels);
      this.#known++;
      return undefined;
    } catch (error) {
      if (error instanceof ScrapeFailure) return error;
      throw error;
    }
  }

  #put(rows: Rows, id: number, value: number, timestamp = this.#timestamp): void {
    rows.reserve(this.#length + 1);
    this.#layout.put(this.#length, id);
    rows.values[this.#length] = value;
    rows.timestamps[this.#length] = timestamp;
    this.#length++;
  }

  #close(rows: Rows, stale: readonly number[]): MetricBatch {
    const staleFrom = this.#length;
    for (const id of stale) this.#put(rows, id, 0);
    const length = this.#length;
    return {
      series: this.#registry.table,
      layout: this.#layout.close(length, staleFrom),
      ids: this.#layout.ids,
      values: rows.values,
      timestamps: rows.timestamps,
      length,
      staleFrom,
    };
  }

  /** After a success: series that it did not have are new when they come back. */
  #settle(exposure: Exposure): void {
    for (const [id, timestamp] of this.#newTimestamps) this.#lastTimestamps.set(id, timestamp);
    if (this.#known !== this.#distinct) {
      for (let entry = 0; entry < exposure.size; entry++) {
        if (this.#seen[entry] !== this.#scrape) this.#idOf[entry] = unknown;
      }
      this.#known = this.#distinct;
    }
    this.#live = this.#distinct;
  }

  /** A new table with the series of this scrape alone. */
  #compact(exposure: Exposure): void {
    const { table } = this.#registry;
    const { size } = exposure;
    const renumbered = exposure.compact((entry) => this.#seen[entry] === this.#scrape);
    const [idOf, seen, staleness, timestamps] = [this.#idOf, this.#seen, this.#staleness, this.#lastTimestamps];
    this.#registry = this.#newRegistry();
    this.#staleness = new Staleness();
    this.#layout = new BatchLayout();
    this.#lastTimestamps = new Map();
    this.#idOf = new Int32Array(64).fill(unknown);
    this.#seen = new Uint32Array(64);
    this.#reserveEntries(exposure.size);
    this.#known = 0;
    for (let entry = 0; entry < size; entry++) {
      const id = idOf[entry]!;
      if (seen[entry] !== this.#scrape || id === unknown) continue;
      const newId = this.#registry.id(table.labels(id));
      this.#known++;
      this.#idOf[renumbered[entry]!] = newId;
      this.#seen[renumbered[entry]!] = this.#scrape;
      if (staleness.isTracked(id)) this.#staleness.track(newId);
      const timestamp = timestamps.get(id);
      if (timestamp !== undefined) this.#lastTimestamps.set(newId, timestamp);
    }
  }

  /** The reports are the first ids: 0 is `up`. */
  #newRegistry(): SeriesRegistry {
    const registry = new SeriesRegistry(this.#interner);
    for (const name of reportNames) registry.id(labelsFrom({ ...labelRecord(this.#target), __name__: name }));
    return registry;
  }

  #reserveEntries(size: number): void {
    if (size <= this.#idOf.length) return;
    const capacity = Math.max(size, this.#idOf.length * 2);
    const idOf = new Int32Array(capacity).fill(unknown);
    idOf.set(this.#idOf);
    this.#idOf = idOf;
    const seen = new Uint32Array(capacity);
    seen.set(this.#seen);
    this.#seen = seen;
  }
}
