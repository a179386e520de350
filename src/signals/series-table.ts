import { grownColumn } from "../lib/columns.ts";
import type { Interner } from "./interner.ts";
import { LabelDictionary } from "./label-dictionary.ts";
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
  readonly #labels: LabelDictionary;
  #refs: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> = new Uint16Array(256);
  #ends = new Uint32Array(32);
  #size = 0;
  #expected = 0;

  constructor(interner?: Interner) {
    this.#labels = new LabelDictionary(interner);
  }

  get size(): number {
    return this.#size;
  }

  /** Gives the series the next id. The caller sees to it that no series is added twice. */
  add(labels: Labels): number {
    return this.addNumbers(this.numbers(labels));
  }

  /** The numbers of the labels in this table, new ones where they have none. */
  numbers(labels: Labels): number[] {
    const numbers: number[] = [];
    for (let at = 0; at < labels.length; at += 2) numbers.push(this.#labels.numberOf(labels[at]!, labels[at + 1]!));
    return numbers;
  }

  /** As `add`, for a series of these labels. */
  addNumbers(numbers: readonly number[]): number {
    const id = this.#size++;
    const start = this.#start(id);
    const end = start + numbers.length;
    if (this.#labels.size > mostShortNumbers && this.#refs instanceof Uint16Array) {
      this.#refs = Uint32Array.from(this.#refs);
    }
    if (end > this.#refs.length) this.#refs = grownColumn(this.#refs, this.#expectedRefs(end));
    this.#ends = grownColumn(this.#ends, id + 1);
    this.#refs.set(numbers, start);
    this.#ends[id] = end;
    return id;
  }

  /** So many series are expected. */
  reserve(series: number): void {
    this.#expected = series;
    this.#ends = grownColumn(this.#ends, series);
  }

  hasNumbers(id: number, numbers: readonly number[]): boolean {
    const start = this.#start(id);
    if (this.#ends[id]! - start !== numbers.length) return false;
    for (let at = 0; at < numbers.length; at++) if (this.#refs[start + at] !== numbers[at]) return false;
    return true;
  }

  /** All labels of the series, `__name__` among them; an array of its own. */
  labels(id: number): Labels {
    const labels: string[] = [];
    for (let at = this.#start(id); at < this.#ends[id]!; at++) {
      const label = this.#refs[at]!;
      labels.push(this.#labels.name(label), this.#labels.value(label));
    }
    return labels;
  }

  /** Of the numbers of its labels (`hashNumbers`). */
  hash(id: number): number {
    return hashNumbers(this.#refs, this.#start(id), this.#ends[id]!);
  }

  /** Gives memory back that only new series need; the next of them takes longer. */
  rest(): void {
    this.#labels.rest();
  }

  /** How many are needed if the series to come have as many labels as those so far; at least `end`. */
  #expectedRefs(end: number): number {
    return Math.max(end, Math.ceil((end / this.#size) * this.#expected));
  }

  #start(id: number): number {
    return id === 0 ? 0 : this.#ends[id - 1]!;
  }
}

/** The numbers below this take two bytes. */
const mostShortNumbers = 2 ** 16;

/** FNV-1a. */
export function hashNumbers(numbers: ArrayLike<number>, from: number, to: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ numbers[at]!, 0x01000193);
  return hash;
}
