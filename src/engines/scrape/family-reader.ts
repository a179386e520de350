import type { Declaration, PageReader } from "../../formats/exposition/page-reader.ts";
import { normalizeFloat } from "../../formats/exposition/parse-series.ts";
import type { Rows } from "../../formats/exposition/rows.ts";
import { equalLabels } from "../../signals/labels.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { FamilySample, MetricFamily, MetricType } from "../../signals/metric-family.ts";

interface Entry {
  readonly sample: FamilySample;
  readonly type: MetricType;
  /** The entry that followed this one last time. */
  next: number;
}

/** So many entries more than needed are no reason yet to start again. */
const spareEntries = 500;

/**
 * Reads what an exporter in this process yields as if it were a page. Series are found by the same guess as in a text:
 * after one comes the one that followed it last time, so name and labels are compared with that one's before they are
 * looked up. Exporters that hand out the same arrays each time make the comparison one of pointers.
 */
export class FamilyReader implements PageReader<readonly MetricFamily[]> {
  #entries: Entry[] = [start()];
  #byKey = new Map<string, number>();
  readonly #metadata = new Map<string, MetricMetadata>();
  #metadataVersion = 0;
  /** By mark; and the mark of the family of a name. */
  readonly #declarations: Declaration[] = [];
  readonly #marks = new Map<string, number>();

  read(families: readonly MetricFamily[], rows: Rows): undefined {
    let entry = 0;
    for (const family of families) {
      const { type, samples } = family;
      this.#describe(family);
      if (rows.marks !== undefined) rows.mark(this.#markOf(family));
      for (const sample of samples) {
        entry = this.#find(entry, sample, type);
        rows.push(entry, sample.value, Number.NaN);
      }
    }
  }

  declaration(mark: number): Declaration | undefined {
    return this.#declarations[mark];
  }

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

  /** What an exporter in this process yields are not so many series that it would pay. */
  rest(): void {}

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

  #markOf({ name, type }: MetricFamily): number {
    const known = this.#marks.get(name);
    if (known !== undefined && this.#declarations[known]?.type === type) return known;
    const mark = this.#declarations.push({ family: name, type }) - 1;
    this.#marks.set(name, mark);
    return mark;
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
