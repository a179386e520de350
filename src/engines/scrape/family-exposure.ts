import type { PageReader } from "../../formats/exposition/page-reader.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { describeError } from "../../lib/errors.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { MetricFamily } from "../../signals/metric-family.ts";
import { type Gather, gatherQueryOf } from "../../signals/targets.ts";
import { type Exposure, nothingSkipped } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import { familyReaderFactory, type ReaderFactory } from "./page-readers.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

type FamilyReaderFactory = ReaderFactory<readonly MetricFamily[]>;

/**
 * What an exporter in this process yields: no HTTP, no text. `collect[]` and `exclude[]` of `params` count as on the
 * exporter's page.
 */
export class FamilyExposure implements Exposure {
  readonly bodySize = 0;
  readonly skipped = nothingSkipped;
  #answer: { readonly families: readonly MetricFamily[]; readonly reader: FamilyReaderFactory } | undefined;
  #pending: Gather | undefined;
  #reader: PageReader<readonly MetricFamily[]> | undefined;
  #readerKey = "";
  #generation = 0;

  async fetch(target: ScrapeTarget, settings: ScrapeSettings, signal: AbortSignal): Promise<void> {
    const { gather } = target;
    if (gather === undefined) return;
    // Calls that never end must not pile up.
    if (this.#pending === gather) throw new ScrapeFailure("exporter", "the exporter still works on an earlier scrape");
    this.#pending = gather;
    try {
      const families = await gather(gatherQueryOf(target.url));
      const reader = await familyReaderFactory(settings);
      if (!signal.aborted) this.#answer = { families, reader };
    } catch (error) {
      throw new ScrapeFailure("exporter", describeError(error));
    } finally {
      if (this.#pending === gather) this.#pending = undefined;
    }
  }

  scan(rows: Rows): ScrapeFailure | undefined {
    const answer = this.#answer;
    const error = answer && this.#use(answer.reader).read(answer.families, rows);
    return error && new ScrapeFailure("content", error.message);
  }

  release(): void {
    this.#answer = undefined;
  }

  get generation(): number {
    return this.#generation;
  }

  /** A new reader begins anew, and so must whoever has looked at the one before. */
  get metadataVersion(): number {
    return this.#generation * 2 ** 40 + (this.#reader?.metadataVersion ?? 0);
  }

  metadata(): readonly MetricMetadata[] {
    return this.#reader?.metadata() ?? [];
  }

  get size(): number {
    return this.#reader?.size ?? 0;
  }

  takeLabels(entry: number): readonly string[] {
    if (this.#reader === undefined || this.#answer === undefined) return [];
    return this.#reader.takeLabels(entry, this.#answer.families);
  }

  typeOf(entry: number): string {
    return this.#reader?.typeOf(entry) ?? "";
  }

  rest(): void {
    this.#reader?.rest();
  }

  isCrowded(live: number): boolean {
    return this.#reader?.isCrowded(live) ?? false;
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    return this.#reader?.compact(keep) ?? new Int32Array();
  }

  #use({ key, create }: FamilyReaderFactory): PageReader<readonly MetricFamily[]> {
    if (this.#reader !== undefined && key === this.#readerKey) return this.#reader;
    if (this.#reader !== undefined) this.#generation++;
    this.#reader = create();
    this.#readerKey = key;
    return this.#reader;
  }
}
