import type { Rows } from "../../formats/exposition/rows.ts";
import type { ScrapeFailure } from "./failure.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

/** Where a target's series come from. Entries are numbers for series as the target spells them. */
export interface Exposure {
  /** Asks the target, and keeps the answer for `scan`. Rejects with a ScrapeFailure, or with the signal's reason. */
  fetch(target: ScrapeTarget, settings: ScrapeSettings, signal: AbortSignal): Promise<void>;
  /** Adds the answer's rows, and returns what is wrong with the rest of it. */
  scan(rows: Rows): ScrapeFailure | undefined;
  /** Entries are below this. */
  readonly size: number;
  /** Name, value, name, value, … as exposed, `__name__` first. */
  takeLabels(entry: number): readonly string[];
  /** Whether most entries are gone from a target that has `live` series. */
  isCrowded(live: number): boolean;
  /** Drops all entries but those to keep; the new number of each is at its old one. */
  compact(keep: (entry: number) => boolean): Int32Array;
}
