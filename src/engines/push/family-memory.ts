import { type MetadataBlock, metadataBlocks } from "../../formats/remote-write/metadata-request.ts";
import type { MetadataSource, MetricMetadata } from "../../signals/metadata.ts";

/** Families that are gone are forgotten by beginning anew, after so many rounds. */
const roundsOfMemory = 60;

/**
 * What is known of the metric families of everything that is sent, for the requests of remote write 1.0 that say it: the
 * samples there do not. A round reads only those sources whose metadata have changed; if none has, the requests of the
 * last round are sent again as they are.
 */
export class FamilyMemory {
  /** That were seen since the last round. */
  readonly #seen = new Set<MetadataSource>();
  #versions = new WeakMap<MetadataSource, number>();
  readonly #families = new Map<string, MetricMetadata>();
  #blocks: readonly MetadataBlock[] = [];
  #limit = 0;
  #rounds = 0;

  note(source: MetadataSource | undefined): void {
    if (source !== undefined) this.#seen.add(source);
  }

  /** The requests of a round, compressed, with at most `limit` families each. */
  blocks(limit: number): readonly MetadataBlock[] {
    if (this.#rounds++ % roundsOfMemory === 0) this.#forget();
    const hasChanged = this.#read();
    if (hasChanged || limit !== this.#limit) this.#blocks = metadataBlocks([...this.#families.values()], limit);
    this.#limit = limit;
    return this.#blocks;
  }

  #forget(): void {
    this.#families.clear();
    this.#versions = new WeakMap();
    this.#blocks = [];
  }

  #read(): boolean {
    let hasChanged = false;
    for (const source of this.#seen) {
      const version = source.metadataVersion;
      if (this.#versions.get(source) === version) continue;
      this.#versions.set(source, version);
      for (const family of source.metadata()) this.#families.set(family.family, family);
      hasChanged = true;
    }
    this.#seen.clear();
    return hasChanged;
  }
}
