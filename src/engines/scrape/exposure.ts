import type { Rows } from "../../formats/exposition/rows.ts";
import type { MetadataSource } from "../../signals/metadata.ts";
import type { ScrapeFailure } from "./failure.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

/** Where a target's series come from. Entries are numbers for series as the target spells them. */
export interface Exposure extends MetadataSource {
  /** Asks the target, and keeps the answer for `scan`. Rejects with a ScrapeFailure, or with the signal's reason. */
  fetch(target: ScrapeTarget, settings: ScrapeSettings, signal: AbortSignal): Promise<void>;
  /** Adds the answer's rows, and returns what is wrong with the rest of it. */
  scan(rows: Rows): ScrapeFailure | undefined;
  /** Lets go of the answer: nobody asks for labels of its entries any more. */
  release(): void;
  /** Goes up when entries start anew, all of them: the target has changed its format. */
  readonly generation: number;
  /** Of the last answer, uncompressed: -1 where it was over the limit, 0 where there was none. */
  readonly bodySize: number;
  /** What the last scan left out because it could not be read. */
  readonly skipped: Skipped;
  /** Entries are below this. */
  readonly size: number;
  /** Name, value, name, value, … as exposed, `__name__` first; of an entry that the answer has, until `release`. */
  takeLabels(entry: number): readonly string[];
  /** counter, gauge, … for people. */
  typeOf(entry: number): string;
  /** No series is new any more: memory that only new ones need is given back, until there is one. */
  rest(): void;
  /** Whether most entries are gone from a target that has `live` series. */
  isCrowded(live: number): boolean;
  /** Drops all entries but those to keep; the new number of each is at its old one. */
  compact(keep: (entry: number) => boolean): Int32Array;
}

export interface Skipped {
  /** Lines, or messages of protobuf. */
  readonly count: number;
  /** What is wrong with the first of them; empty when there is none. */
  readonly first: string;
}

export const nothingSkipped: Skipped = { count: 0, first: "" };
