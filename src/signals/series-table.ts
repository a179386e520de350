import { grownColumn } from "../lib/columns.ts";
import type { Labels } from "./labels.ts";
import type { MetadataSource } from "./metadata.ts";

/**
 * Series by number. Ids count up from 0 and are never given to another series, so whatever a later stage derives from
 * a series (relabel result, label bytes) may be kept in an array by id, for as long as the table lives. The owner
 * starts a new table when most series of the old one are gone; caches keyed by the table go with it.
 *
 * A series is mostly labels that other series have, too, and they are asked for when it is new and hardly ever again. So
 * it is kept as the numbers of its labels, two bytes each, and four in a table of very many labels:
 *
 *     labels  0 __name__=up   1 job=api   2 job=node
 *     refs    │ 0 1 │ 0 2 │ …
 *     ends          ▲ of id 0
 *                         ▲ of id 1
 */
export class SeriesTable {
  /** Set by whoever fills the table. */
  metadata: MetadataSource | undefined;
  /** By number of a label: its name and its value. */
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** By name and value. */
  readonly #numbers = new Map<string, Map<string, number>>();
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
    const end = start + labels.length / 2;
    const numbers: number[] = [];
    for (let at = 0; at < labels.length; at += 2) numbers.push(this.#numberOf(labels[at]!, labels[at + 1]!));
    if (this.#names.length > mostShortNumbers && this.#refs instanceof Uint16Array) {
      this.#refs = Uint32Array.from(this.#refs);
    }
    this.#refs = grownColumn(this.#refs, end);
    this.#ends = grownColumn(this.#ends, id + 1);
    this.#refs.set(numbers, start);
    this.#ends[id] = end;
    return id;
  }

  /** All labels of the series, `__name__` among them; an array of its own. */
  labels(id: number): Labels {
    const labels: string[] = [];
    for (let at = this.#start(id); at < this.#ends[id]!; at++) {
      const label = this.#refs[at]!;
      labels.push(this.#names[label]!, this.#values[label]!);
    }
    return labels;
  }

  hasLabels(id: number, labels: Labels): boolean {
    const start = this.#start(id);
    if ((this.#ends[id]! - start) * 2 !== labels.length) return false;
    for (let at = 0; at < labels.length; at += 2) {
      const label = this.#refs[start + at / 2]!;
      if (this.#values[label] !== labels[at + 1] || this.#names[label] !== labels[at]) return false;
    }
    return true;
  }

  #start(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }

  #numberOf(name: string, value: string): number {
    let numbers = this.#numbers.get(name);
    if (numbers === undefined) {
      numbers = new Map();
      this.#numbers.set(name, numbers);
    }
    const known = numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#names.push(name) - 1;
    this.#values.push(value);
    numbers.set(value, number);
    return number;
  }
}

/** The numbers below this take two bytes. */
const mostShortNumbers = 2 ** 16;
