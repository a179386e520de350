import { grownColumn } from "../../lib/columns.ts";

/** The ids of a batch, and the number that stays the same while they do. */
export class BatchLayout {
  ids = new Uint32Array(64);
  #number = 0;
  #length = -1;
  #staleFrom = -1;
  #changed = true;

  reserve(rows: number): void {
    this.ids = grownColumn(this.ids, rows);
  }

  put(row: number, id: number): void {
    if (row === this.ids.length) this.ids = grownColumn(this.ids, row + 1);
    if (this.ids[row] === id) return;
    this.ids[row] = id;
    this.#changed = true;
  }

  /** Ends the batch; the layout's number. */
  close(length: number, staleFrom: number): number {
    if (this.#changed || length !== this.#length || staleFrom !== this.#staleFrom) this.#number++;
    this.#changed = false;
    this.#length = length;
    this.#staleFrom = staleFrom;
    return this.#number;
  }
}
