/**
 * The symbol table of one `Request`: each text once, the empty one first, and a text's number is its place.
 *
 *     field 4   │ "" │ __name__ │ up │ job │ api │        refs of up{job="api"}:  1 2 3 4
 */
export class RequestSymbols {
  readonly #refs = new Map([["", 0]]);

  ref(text: string): number {
    const known = this.#refs.get(text);
    if (known !== undefined) return known;
    const ref = this.#refs.size;
    this.#refs.set(text, ref);
    return ref;
  }

  /** Of the encoded table. */
  get length(): number {
    let length = 0;
    for (const text of this.#refs.keys()) {
      const size = Buffer.byteLength(text);
      length += 1 + varintLength(size) + size;
    }
    return length;
  }

  /** Writes the table; returns where it ends. */
  writeTo(out: Buffer, from: number): number {
    let at = from;
    for (const text of this.#refs.keys()) {
      out[at++] = symbolTag;
      at = writeVarint32(out, at, Buffer.byteLength(text));
      at += out.write(text, at);
    }
    return at;
  }

  clear(): void {
    this.#refs.clear();
    this.#refs.set("", 0);
  }
}

const symbolTag = 0x22;

export function writeVarint32(out: Uint8Array, from: number, value: number): number {
  let at = from;
  let left = value;
  while (left > 127) {
    out[at++] = (left & 127) | 128;
    left >>>= 7;
  }
  out[at++] = left;
  return at;
}

export function varintLength(value: number): number {
  let length = 1;
  for (let left = value; left > 127; left >>>= 7) length++;
  return length;
}
