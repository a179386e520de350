import type { Labels } from "./labels.ts";

/**
 * Series by number. Ids count up from 0 and are never given to another series, so whatever a later stage derives from
 * a series (relabel result, label bytes) may be kept in an array by id, for as long as the table lives. The owner
 * starts a new table when most series of the old one are gone; caches keyed by the table go with it.
 */
export class SeriesTable {
  readonly #labels: Labels[] = [];

  get size(): number {
    return this.#labels.length;
  }

  /** Gives the series the next id. The caller sees to it that no series is added twice. */
  add(labels: Labels): number {
    return this.#labels.push(labels) - 1;
  }

  /** All labels of the series, `__name__` among them. */
  labels(id: number): Labels {
    return this.#labels[id]!;
  }
}
