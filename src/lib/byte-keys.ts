import { HashIndex } from "./hash-index.ts";

/**
 * Numbers for byte strings that come again and again in the same order: each number remembers which one followed it last
 * time, and only where that guess is wrong is a hash looked up. Equal bytes of two scopes are two keys. Number 0 is the
 * start, before which nothing comes.
 */
export class ByteKeys {
  #bytes = Buffer.allocUnsafeSlow(1024);
  /** By number, where its bytes end; they begin where those of the number before end. */
  readonly #ends = [0];
  readonly #scopes = [-1];
  readonly #next = [0];
  readonly #index = new HashIndex((number) => this.#hashOf(number));

  /** Numbers are below this. */
  get size(): number {
    return this.#ends.length;
  }

  scope(number: number): number {
    return this.#scopes[number]!;
  }

  bytes(number: number): Buffer {
    return this.#bytes.subarray(this.#start(number), this.#ends[number]);
  }

  /** The number of the key, which comes behind `previous`; 0 when the key is not known. */
  find(previous: number, scope: number, bytes: Buffer, from: number, to: number): number {
    const guess = this.#next[previous]!;
    if (this.#equals(guess, scope, bytes, from, to)) return guess;
    const hash = hashBytes(scope, bytes, from, to);
    const index = this.#index;
    for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
      const number = index.at(slot);
      if (!this.#equals(number, scope, bytes, from, to)) continue;
      this.#next[previous] = number;
      return number;
    }
    return 0;
  }

  /** Adds a key that `find` does not know. */
  add(previous: number, scope: number, bytes: Buffer, from: number, to: number): number {
    const start = this.#ends.at(-1)!;
    const end = start + to - from;
    if (end > this.#bytes.length) this.#grow(end);
    bytes.copy(this.#bytes, start, from, to);
    const number = this.#ends.push(end) - 1;
    this.#scopes.push(scope);
    this.#next.push(0);
    this.#next[previous] = number;
    this.#index.add(hashBytes(scope, bytes, from, to), number);
    return number;
  }

  /** Gives memory back that only new keys, and such that come in another order, need. */
  rest(): void {
    this.#index.rest();
  }

  #equals(number: number, scope: number, bytes: Buffer, from: number, to: number): boolean {
    if (this.#scopes[number] !== scope) return false;
    const start = this.#start(number);
    if (this.#ends[number]! - start !== to - from) return false;
    const known = this.#bytes;
    for (let at = from, key = start; at < to; at++, key++) if (bytes[at] !== known[key]) return false;
    return true;
  }

  #hashOf(number: number): number {
    return hashBytes(this.scope(number), this.#bytes, this.#start(number), this.#ends[number]!);
  }

  #start(number: number): number {
    return this.#ends[number - 1] ?? 0;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** FNV-1a. */
function hashBytes(scope: number, bytes: Buffer, from: number, to: number): number {
  let hash = Math.imul(0x811c9dc5 ^ scope, 0x01000193);
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash;
}
