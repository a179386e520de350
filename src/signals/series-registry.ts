import { HashIndex } from "../lib/hash-index.ts";
import type { Interner } from "./interner.ts";
import type { Labels } from "./labels.ts";
import { hashNumbers, SeriesTable } from "./series-table.ts";

/** A series table that knows its series by their labels: however a series is spelled, it has one id. */
export class SeriesRegistry {
  readonly table: SeriesTable;
  readonly #index = new HashIndex((id) => this.table.hash(id));

  constructor(interner: Interner) {
    this.table = new SeriesTable(interner);
  }

  /** The id of the series, a new one if it has none. */
  id(labels: Labels): number {
    const { table } = this;
    const numbers = table.numbers(labels);
    const hash = hashNumbers(numbers, 0, numbers.length);
    const index = this.#index;
    for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
      if (table.hasNumbers(index.at(slot), numbers)) return index.at(slot);
    }
    const id = table.addNumbers(numbers);
    index.add(hash, id);
    return id;
  }

  /** So many series are expected. */
  reserve(series: number): void {
    if (series <= this.table.size) return;
    this.table.reserve(series);
    this.#index.reserve(series);
  }

  /** Gives memory back that only new series need; the next of them takes longer. */
  rest(): void {
    this.#index.rest();
    this.table.rest();
  }
}
