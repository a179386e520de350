import { normalizeFloat } from "../../formats/exposition/parse-series.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { describeError } from "../../lib/errors.ts";
import { equalLabels } from "../../signals/labels.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { FamilySample, MetricFamily, MetricType } from "../../signals/metric-family.ts";
import { type Gather, gatherQueryOf } from "../../signals/targets.ts";
import { type Exposure, nothingSkipped } from "./exposure.ts";
import { ScrapeFailure } from "./failure.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";

interface Entry {
  readonly sample: FamilySample;
  readonly type: MetricType;
  /** The entry that followed this one last time. */
  next: number;
}

/** So many entries more than needed are no reason yet to start again. */
const spareEntries = 500;

/**
 * What an exporter in this process yields: no HTTP, no text. `collect[]` and `exclude[]` of `params` count as on the
 * exporter's page. Series are found by the same guess as in a text: after one comes the one that followed it last time,
 * so name and labels are compared with that one's before they are looked up. Exporters that hand out the same arrays
 * each time make the comparison one of pointers.
 */
export class FamilyExposure implements Exposure {
  readonly generation = 0;
  readonly bodySize = 0;
  readonly skipped = nothingSkipped;
  #entries: Entry[] = [start()];
  #byKey = new Map<string, number>();
  #families: readonly MetricFamily[] | undefined;
  readonly #metadata = new Map<string, MetricMetadata>();
  #metadataVersion = 0;
  #pending: Gather | undefined;

  async fetch(target: ScrapeTarget, _settings: ScrapeSettings, signal: AbortSignal): Promise<void> {
    const { gather } = target;
    if (gather === undefined) return;
    // Calls that never end must not pile up.
    if (this.#pending === gather) throw new ScrapeFailure("exporter", "the exporter still works on an earlier scrape");
    this.#pending = gather;
    try {
      const families = await gather(gatherQueryOf(target.url));
      if (!signal.aborted) this.#families = families;
    } catch (error) {
      throw new ScrapeFailure("exporter", describeError(error));
    } finally {
      if (this.#pending === gather) this.#pending = undefined;
    }
  }

  scan(rows: Rows): undefined {
    const families = this.#families ?? [];
    this.#families = undefined;
    let entry = 0;
    for (const family of families) {
      const { type, samples } = family;
      this.#describe(family);
      for (const sample of samples) {
        entry = this.#find(entry, sample, type);
        rows.push(entry, sample.value, Number.NaN);
      }
    }
  }

  /** Entries keep their samples. */
  release(): void {}

  get metadataVersion(): number {
    return this.#metadataVersion;
  }

  metadata(): readonly MetricMetadata[] {
    return [...this.#metadata.values()];
  }

  get size(): number {
    return this.#entries.length;
  }

  takeLabels(entry: number): readonly string[] {
    const { sample, type } = this.#entries[entry]!;
    const labels = ["__name__", sample.name];
    for (let at = 0; at < sample.labels.length; at += 2) {
      const name = sample.labels[at]!;
      labels.push(name, normalizeFloat(name, sample.labels[at + 1]!, type));
    }
    return labels;
  }

  typeOf(entry: number): string {
    return this.#entries[entry]!.type;
  }

  isCrowded(live: number): boolean {
    return this.#entries.length > 2 * live + spareEntries;
  }

  compact(keep: (entry: number) => boolean): Int32Array {
    const old = this.#entries;
    const renumbered = new Int32Array(old.length);
    this.#entries = [start()];
    this.#byKey = new Map();
    for (const [entry, { sample, type }] of old.entries()) {
      if (keep(entry)) renumbered[entry] = this.#add(sample, type);
    }
    return renumbered;
  }

  #describe({ name, type, help }: MetricFamily): void {
    const known = this.#metadata.get(name);
    if (known?.help === help && known.type === type) return;
    this.#metadata.set(name, { family: name, type, help, unit: "" });
    this.#metadataVersion++;
  }

  #find(previous: number, sample: FamilySample, type: MetricType): number {
    const last = this.#entries[previous]!;
    const guess = this.#entries[last.next]!;
    if (guess.sample.name === sample.name && equalLabels(guess.sample.labels, sample.labels)) return last.next;
    last.next = this.#byKey.get(keyOf(sample)) ?? this.#add(sample, type);
    return last.next;
  }

  #add(sample: FamilySample, type: MetricType): number {
    const entry = this.#entries.push({ sample, type, next: 0 }) - 1;
    this.#byKey.set(keyOf(sample), entry);
    return entry;
  }
}

/** Stands for the beginning of a scrape, and is no series: no sample has an empty name. */
function start(): Entry {
  return { sample: { name: "", labels: [], value: 0 }, type: "untyped", next: 0 };
}

function keyOf(sample: FamilySample): string {
  return JSON.stringify([sample.name, sample.labels]);
}
