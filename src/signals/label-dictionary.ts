import { Interner } from "./interner.ts";

/** Labels by number, each name and value once. */
export class LabelDictionary {
  readonly #interner: Interner;
  /** By number. */
  readonly #names: string[] = [];
  readonly #values: string[] = [];
  /** By name and value; undefined while nothing new is expected. */
  #numbers: Map<string, Map<string, number>> | undefined = new Map();

  /** `interner`: what shares the texts with other dictionaries. */
  constructor(interner = new Interner()) {
    this.#interner = interner;
  }

  /** Numbers are below this. */
  get size(): number {
    return this.#names.length;
  }

  name(number: number): string {
    return this.#names[number]!;
  }

  value(number: number): string {
    return this.#values[number]!;
  }

  /** The number of the label, a new one if it has none. */
  numberOf(name: string, value: string): number {
    const numbers = this.#valuesOf(name);
    const known = numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#names.push(this.#interner.intern(name)) - 1;
    this.#values.push(this.#interner.intern(value));
    numbers.set(this.#values[number]!, number);
    return number;
  }

  /** Gives most of its memory back until a number is asked for, which then takes as long as adding all labels anew. */
  rest(): void {
    this.#numbers = undefined;
  }

  #valuesOf(name: string): Map<string, number> {
    this.#numbers ??= this.#numbered();
    return valuesIn(this.#numbers, name);
  }

  #numbered(): Map<string, Map<string, number>> {
    const numbers = new Map<string, Map<string, number>>();
    for (const [number, name] of this.#names.entries()) valuesIn(numbers, name).set(this.#values[number]!, number);
    return numbers;
  }
}

function valuesIn(numbers: Map<string, Map<string, number>>, name: string): Map<string, number> {
  const known = numbers.get(name);
  if (known !== undefined) return known;
  const values = new Map<string, number>();
  numbers.set(name, values);
  return values;
}
