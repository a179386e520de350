const minimumSlots = 16;

/**
 * Finds numbers by a hash of what they stand for, in some seven bytes each; the caller, who has the things themselves,
 * compares. Numbers are added one after the other, without a gap. Open addressing with linear probing, at most three
 * quarters full:
 *
 *     for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) if (same(index.at(slot))) …
 *
 * A Map from strings would hold every key a second time; nothing is ever removed, owners build a new index instead.
 */
export class HashIndex {
  readonly #hashOf: (value: number) => number;
  #slots = empty;
  #from = 0;
  #size = 0;

  /** `hashOf` gives the hash again that a number was added with: for another table they are all placed anew. */
  constructor(hashOf: (value: number) => number) {
    this.#hashOf = hashOf;
  }

  first(hash: number): number {
    if (this.#slots.length === 0) this.#place(this.#size + 1);
    return scatter(hash) & (this.#slots.length - 1);
  }

  next(slot: number): number {
    return (slot + 1) & (this.#slots.length - 1);
  }

  /** The number in the slot, or -1: the search has ended. */
  at(slot: number): number {
    return this.#slots[slot] ?? -1;
  }

  /** Makes room for so many numbers at once. */
  reserve(size: number): void {
    if (size * 4 > this.#slots.length * 3) this.#place(size + 1);
  }

  add(hash: number, value: number): void {
    if (this.#size === 0) this.#from = value;
    if (this.#size * 4 >= this.#slots.length * 3) this.#place(this.#size + 1);
    this.#put(hash, value);
    this.#size++;
  }

  /** Gives its memory back until something is looked for, which then takes some ten nanoseconds more for each number. */
  rest(): void {
    this.#slots = empty;
  }

  #put(hash: number, value: number): void {
    let slot = this.first(hash);
    while (this.at(slot) >= 0) slot = this.next(slot);
    this.#slots[slot] = value;
  }

  /** In a table for so many numbers. */
  #place(size: number): void {
    let length = minimumSlots;
    while (size * 4 > length * 3) length *= 2;
    this.#slots = new Int32Array(length).fill(-1);
    for (let value = this.#from; value < this.#from + this.#size; value++) this.#put(this.#hashOf(value), value);
  }
}

const empty = new Int32Array(0);

/** The low bits decide the slot, so the high ones must reach them. */
function scatter(hash: number): number {
  return hash ^ (hash >>> 15) ^ (hash >>> 7);
}
