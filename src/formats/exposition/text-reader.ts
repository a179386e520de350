import type { MetricMetadata } from "../../signals/metadata.ts";
import type { Body } from "./body.ts";
import type { ExpositionError } from "./exposition-error.ts";
import { declarationOf, metadataFrom } from "./meta-lines.ts";
import type { Declaration, PageReader } from "./page-reader.ts";
import type { Rows } from "./rows.ts";
import { SeriesCache } from "./series-cache.ts";
import type { SkippedLines } from "./skipped-lines.ts";
import type { Scan } from "./text-lines.ts";

/** Reads a target's pages in one of the two text formats: `scanText` or `scanOpenMetrics` says which. */
export class TextReader implements PageReader {
  readonly #scan: Scan;
  #cache = new SeriesCache();
  /** Of what was dropped. */
  #formerVersion = 0;

  constructor(scan: Scan) {
    this.#scan = scan;
  }

  read(body: Body, rows: Rows, skipped?: SkippedLines): ExpositionError | undefined {
    return this.#scan(body, this.#cache, rows, skipped);
  }

  get size(): number {
    return this.#cache.size;
  }

  takeLabels(entry: number, body: Body): readonly string[] {
    return this.#cache.takeLabels(entry, body);
  }

  typeOf(entry: number): string {
    return this.#cache.typeOf(entry);
  }

  declaration(mark: number): Declaration | undefined {
    return declarationOf(this.#cache, mark);
  }

  get metadataVersion(): number {
    return this.#formerVersion + this.#cache.metaVersion;
  }

  metadata(): readonly MetricMetadata[] {
    return metadataFrom(this.#cache);
  }

  rest(): void {
    this.#cache.rest();
  }

  isCrowded(live: number): boolean {
    return this.#cache.isCrowded(live);
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const old = this.#cache;
    this.#formerVersion += old.metaVersion;
    const renumbered = new Int32Array(old.size);
    this.#cache = new SeriesCache();
    for (let entry = 0; entry < old.size; entry++) {
      if (keep(entry)) renumbered[entry] = this.#cache.adopt(old, entry);
    }
    return renumbered;
  }
}
