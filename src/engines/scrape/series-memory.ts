import type { Interner } from "../../signals/interner.ts";
import type { Labels } from "../../signals/labels.ts";
import type { SeriesRegistry } from "../../signals/series-registry.ts";
import { CommittedTimes } from "./committed-times.ts";
import { droppedEntry, EntryTable, unknownEntry } from "./entry-table.ts";
import { ExemplarFilter } from "./exemplar-filter.ts";
import type { Exposure } from "./exposure.ts";
import { registryWithReports } from "./report.ts";
import { Staleness } from "./staleness.ts";

/** What a target remembers of its series from scrape to scrape: by entry of its exposure, and by id. */
export class SeriesMemory {
  readonly #target: Labels;
  readonly #interner: Interner;
  #generation = 0;
  #quietScrapes = 0;
  #news = 0;
  entries = new EntryTable();
  registry: SeriesRegistry;
  staleness = new Staleness();
  committed = new CommittedTimes();
  readonly exemplars = new ExemplarFilter();

  constructor(target: Labels, interner: Interner) {
    this.#target = target;
    this.#interner = interner;
    this.registry = registryWithReports(target, interner);
  }

  /** Begins the next scrape. */
  begin(): void {
    this.#quietScrapes++;
    this.#news = 0;
    this.entries.begin();
    this.staleness.begin();
  }

  /** So many series are expected. */
  reserve(series: number): void {
    this.registry.reserve(series);
    this.staleness.reserve(series);
    this.committed.reserve(series);
  }

  /** The scrape has a series that is new. */
  noteNews(): void {
    this.#quietScrapes = 0;
    this.#news++;
  }

  /**
   * After a scrape without a new series, what only those need is given back, and after one in which most were new: the next
   * will bring the same again.
   */
  restWhenQuiet(exposure: Exposure, live: number): void {
    if (this.#quietScrapes !== 1 && this.#news * 2 <= live) return;
    exposure.rest();
    this.registry.rest();
  }

  /** Keeps up with the exposure's entries: there may be more of them. True when they have started anew. */
  follow(exposure: Exposure): boolean {
    this.registry.table.metadata = exposure;
    const startsAnew = exposure.generation !== this.#generation;
    if (startsAnew) this.entries.forgetAll();
    this.#generation = exposure.generation;
    this.entries.reserve(exposure.size);
    return startsAnew;
  }

  /** A new table with the series of this scrape alone. */
  compact(exposure: Exposure): void {
    const { entries, staleness, committed, registry } = this;
    const { size } = exposure;
    const isKept = (entry: number) => entries.seen[entry] === entries.scrape && entries.ids[entry] !== unknownEntry;
    const renumbered = exposure.compact(isKept);
    const newIds = new Map<number, number>();
    this.registry = registryWithReports(this.#target, this.#interner);
    this.staleness = new Staleness();
    this.committed = new CommittedTimes();
    this.entries = new EntryTable();
    this.entries.reserve(exposure.size);
    for (let entry = 0; entry < size; entry++) {
      if (!isKept(entry)) continue;
      const id = entries.ids[entry]!;
      const newId = id === droppedEntry ? id : this.registry.id(registry.table.labels(id));
      this.entries.learn(renumbered[entry]!, newId);
      this.entries.seen[renumbered[entry]!] = this.entries.scrape;
      if (id === droppedEntry) continue;
      newIds.set(id, newId);
      if (staleness.isTracked(id)) this.staleness.track(newId);
      this.committed.set(newId, committed.last(id));
    }
    this.exemplars.renumber((id) => newIds.get(id));
  }
}
