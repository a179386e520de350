import { HashIndex } from "../lib/hash-index.ts";
import type { Interner } from "./interner.ts";
import type { Labels } from "./labels.ts";
import { SeriesTable } from "./series-table.ts";

/** A series table that knows its series by their labels: however a series is spelled, it has one id. */
export class SeriesRegistry {
  readonly table = new SeriesTable();
  readonly #index = new HashIndex((id) => hashLabels(this.table.labels(id)));
  readonly #interner: Interner;

  constructor(interner: Interner) {
    this.#interner = interner;
  }

  /** The id of the series, a new one if it has none. */
  id(labels: Labels): number {
    const hash = hashLabels(labels);
    const index = this.#index;
    for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
      if (this.table.hasLabels(index.at(slot), labels)) return index.at(slot);
    }
    const id = this.table.add(labels.map((text) => this.#interner.intern(text)));
    index.add(hash, id);
    return id;
  }
}

/** FNV-1a over UTF-16 units, with a separator that no text contains. */
function hashLabels(labels: Labels): number {
  let hash = 0x811c9dc5 | 0;
  for (const text of labels) {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    hash = Math.imul(hash ^ 0x10000, 0x01000193);
  }
  return hash;
}
