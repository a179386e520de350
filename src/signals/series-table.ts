import type { Labels } from "./labels.ts";

import type { MetadataSource } from "./metadata.ts";

/**
 * Series by number. Ids count up from 0 and are never given to another series, so whatever a later stage derives from
 * a series (relabel result, label bytes) may be kept in an array by id, for as long as the table lives. The owner
 * starts a new table when most series of the old one are gone; caches keyed by the table go with it.
 *
 * A series is mostly texts that other series have, too, and its labels are asked for when it is new and hardly ever
 * again. So it is kept as the numbers of its texts, two bytes each, and four in a table of very many texts:
 *
 *     texts   0 __name__   1 up   2 job   3 api   4 node
 *     refs    │ 0 1 2 3 │ 0 1 2 4 │ …
 *     ends              ▲ of id 0 ▲ of id 1
 */
export class SeriesTable {
  /** Set by whoever fills the table. */
  metadata: MetadataSource | undefined;
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();
  #refs: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> = new Uint16Array(256);
  #ends = new Uint32Array(32);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives the series the next id. The caller sees to it that no series is added twice. */
  add(labels: Labels): number {
    const id = this.#size++;
    const start = this.#start(id);
    const end = start + labels.length;
    const numbers = labels.map((text) => this.#numberOf(text));
    if (this.#texts.length > mostShortNumbers && this.#refs instanceof Uint16Array) {
      this.#refs = Uint32Array.from(this.#refs);
    }
    if (end > this.#refs.length) this.#refs = grown(this.#refs, end);
    if (id >= this.#ends.length) this.#ends = grown(this.#ends, id + 1);
    this.#refs.set(numbers, start);
    this.#ends[id] = end;
    return id;
  }

  /** All labels of the series, `__name__` among them; an array of its own. */
  labels(id: number): Labels {
    const labels: string[] = [];
    for (let at = this.#start(id); at < this.#ends[id]!; at++) labels.push(this.#texts[this.#refs[at]!]!);
    return labels;
  }

  hasLabels(id: number, labels: Labels): boolean {
    const start = this.#start(id);
    if (this.#ends[id]! - start !== labels.length) return false;
    for (let at = 0; at < labels.length; at++) if (this.#texts[this.#refs[start + at]!] !== labels[at]) return false;
    return true;
  }

  #start(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#texts.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }
}

/** The numbers below this take two bytes. */
const mostShortNumbers = 2 ** 16;

/** By a quarter and not by half: there may be many tables, and what is spare in each is memory for nothing. */
function grown<Column extends Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
  column: Column,
  length: number,
): Column {
  const larger = new (column.constructor as new (length: number) => Column)(
    Math.max(length, Math.ceil(column.length * 1.25)),
  );
  larger.set(column);
  return larger;
}
