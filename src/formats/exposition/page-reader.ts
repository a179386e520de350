import type { MetadataSource } from "../../signals/metadata.ts";
import type { Body } from "./body.ts";
import type { ExpositionError } from "./exposition-error.ts";
import type { Rows } from "./rows.ts";
import type { SkippedLines } from "./skipped-lines.ts";

/** Reads the pages of one target in one format, and knows its series by their entries. */
export interface PageReader<Page = Body> extends MetadataSource {
  /**
   * Adds the page's rows to `rows`, up to the first mistake, and returns the mistake. With `skipped` what cannot be read
   * is left out and told there, and the rest is read: then only a page with far too many mistakes is one.
   */
  read(page: Page, rows: Rows, skipped?: SkippedLines): ExpositionError | undefined;
  /** Entries are below this. */
  readonly size: number;
  /**
   * Name, value, name, value, … as exposed, `__name__` first. `page` is the one that was read last, since when nothing was
   * dropped, and has the entry. To be taken once, when an entry is new to the caller.
   */
  takeLabels(entry: number, page: Page): readonly string[];
  /** counter, gauge, … for people. */
  typeOf(entry: number): string;
  /** What a mark of its rows declares, if that is the type of a family. */
  declaration(mark: number): Declaration | undefined;
  /** No series is new any more: memory that only new ones need is given back, until there is one. */
  rest(): void;
  /** Whether most entries are gone from a target that has `live` series. */
  isCrowded(live: number): boolean;
  /** Drops all entries but those to keep; the new number of each is at its old one. */
  compact(keep: (entry: number) => boolean): Int32Array;
}

export interface Declaration {
  readonly family: string;
  readonly type: string;
}
