import type { DbusValue } from "./values.ts";

/** Reads values of a message by their signature (D-Bus specification, "Marshaling"). Throws on what cannot be one. */
export class DbusReader {
  readonly #bytes: Buffer;
  readonly #isLittle: boolean;
  /** Where the next value begins; alignment counts from the beginning of the bytes. */
  offset: number;

  constructor(bytes: Buffer, isLittle: boolean, offset = 0) {
    this.#bytes = bytes;
    this.#isLittle = isLittle;
    this.offset = offset;
  }

  /** One value per complete type of the signature. */
  values(signature: string): DbusValue[] {
    const types = completeTypes(signature);
    return types.map((type) => this.#value(type));
  }

  align(to: number): void {
    this.offset = Math.ceil(this.offset / to) * to;
  }

  #value(type: string): DbusValue {
    switch (type[0]) {
      case "a":
        return this.#array(type.slice(1));
      case "(":
      case "{":
        this.align(8);
        return this.values(type.slice(1, -1));
      case "v":
        return this.#value(oneType(this.#signature()));
      case "s":
      case "o":
        return this.#text(this.#number("u"));
      case "g":
        return this.#signature();
      case "b":
        return this.#number("u") === 1;
      case "x":
      case "t":
        return this.#long(type === "x");
      default:
        return this.#number(type);
    }
  }

  #array(element: string): DbusValue[] {
    const length = this.#number("u");
    this.align(alignments[element[0] ?? ""] ?? 1);
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new Error("an array is longer than its message");
    const values: DbusValue[] = [];
    while (this.offset < end) values.push(this.#value(element));
    if (this.offset !== end) throw new Error("an array does not end where it says");
    return values;
  }

  #signature(): string {
    return this.#text(this.#number("y"));
  }

  /** Bytes and a NUL that is not counted. */
  #text(length: number): string {
    const start = this.#take(length + 1);
    return this.#bytes.toString("utf8", start, start + length);
  }

  #long(isSigned: boolean): bigint {
    this.align(8);
    const at = this.#take(8);
    const bytes = this.#bytes;
    if (isSigned) return this.#isLittle ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at);
    return this.#isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at);
  }

  #number(type: string): number {
    const size = alignments[type];
    if (size === undefined) throw new Error(`"${type}" is no type of D-Bus`);
    this.align(size);
    const at = this.#take(size);
    const bytes = this.#bytes;
    if (type === "d") return this.#isLittle ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
    if (type === "n" || type === "i") return this.#isLittle ? bytes.readIntLE(at, size) : bytes.readIntBE(at, size);
    return this.#isLittle ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
  }

  #take(size: number): number {
    const at = this.offset;
    if (at + size > this.#bytes.length) throw new Error("a value is longer than its message");
    this.offset += size;
    return at;
  }
}

/** Of numbers it is the size too. */
const alignments: Readonly<Record<string, number>> = {
  ...{ y: 1, n: 2, q: 2, i: 4, u: 4, h: 4, d: 8 },
  ...{ b: 4, x: 8, t: 8, s: 4, o: 4, g: 1, v: 1, a: 4, "(": 8, "{": 8 },
};

/** `sa(ss)u` is `s`, `a(ss)`, `u`. */
function completeTypes(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function oneType(signature: string): string {
  const [type, ...more] = completeTypes(signature);
  if (type === undefined || more.length > 0) throw new Error(`a variant has the signature "${signature}"`);
  return type;
}

function endOfType(signature: string, start: number): number {
  let at = start;
  while (signature[at] === "a") at++;
  let depth = 0;
  do {
    const character = signature[at++];
    if (character === undefined) throw new Error(`the signature "${signature}" is not complete`);
    if ("({".includes(character)) depth++;
    if (")}".includes(character)) depth--;
  } while (depth > 0);
  return at;
}
