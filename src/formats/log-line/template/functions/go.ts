import { define, type GoFunctions } from "../function.ts";
import { print, println } from "../print.ts";
import { printf } from "../printf.ts";
import { byteSlice, deepEqual, isDict, isList, isTrue, kindName, typeName, type Value } from "../values.ts";

/** Those of Go's text/template itself, but `and` and `or`, which do not look at all of their arguments. */
export const goFunctions: GoFunctions = {
  eq: define("aa*", (first: Value, ...others: Value[]) => {
    if (others.length === 0) throw new Error("eq has nothing to compare with");
    return others.some((other) => isEqual(first, other));
  }),
  ne: define("aa", (a: Value, b: Value) => !isEqual(a, b)),
  lt: define("aa", isLess),
  le: define("aa", (a: Value, b: Value) => isLess(a, b) || isEqual(a, b)),
  gt: define("aa", (a: Value, b: Value) => !isLess(a, b) && !isEqual(a, b)),
  ge: define("aa", (a: Value, b: Value) => !isLess(a, b)),
  not: define("a", (value: Value) => !isTrue(value)),
  len: define("a", length),
  index: define("aa*", (value: Value, ...keys: Value[]) => keys.reduce(element, value)),
  slice: define("ai*", slice),
  print: define("a*", (...values: Value[]) => print(values)),
  println: define("a*", (...values: Value[]) => println(values)),
  printf: define("sa*", (format: string, ...values: Value[]) => printf(format, values)),
  html: define("a*", (...values: Value[]) => escapeHtml(print(values))),
  js: define("a*", (...values: Value[]) => escapeJs(print(values))),
  urlquery: define("a*", (...values: Value[]) => escapeQuery(print(values))),
};

function isEqual(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (kindName(a) !== kindName(b)) throw incompatible(a, b);
  if (isList(a) || isDict(a)) throw new Error(`a ${typeName(a)} cannot be compared`);
  return deepEqual(a, b);
}

function isLess(a: Value, b: Value): boolean {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  if (typeof a === "bigint" && typeof b === "bigint") return a < b;
  if (typeof a === "number" && typeof b === "number") return a < b;
  throw incompatible(a, b);
}

function incompatible(a: Value, b: Value): Error {
  return new Error(`${typeName(a)} and ${typeName(b)} cannot be compared`);
}

function length(value: Value): bigint {
  if (typeof value === "string") return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (isDict(value)) return BigInt(value.size);
  throw new Error(`a ${typeName(value)} has no length`);
}

function element(value: Value, key: Value): Value {
  if (isDict(value)) {
    if (typeof key === "string") return value.get(key);
    throw new Error(`the keys of a dict are strings, not ${typeName(key)}`);
  }
  if (!isList(value) && typeof value !== "string") throw new Error(`a ${typeName(value)} has no elements`);
  if (typeof key !== "bigint") throw new Error(`an index is an int, not ${typeName(key)}`);
  const elements = isList(value) ? value : [...Buffer.from(value)].map(BigInt);
  if (key < 0n || key >= elements.length) throw new Error(`index ${key} is out of range of ${elements.length}`);
  return elements[Number(key)];
}

/** Of strings and of lists, as both Go and sprig have it. */
function slice(value: Value, start = 0n, end: bigint | undefined = undefined, ...others: bigint[]): Value {
  if (others.length > 0) throw new Error("slice takes at most 3 arguments");
  if (!isList(value) && typeof value !== "string") throw new Error(`a ${typeName(value)} cannot be sliced`);
  const size = length(value);
  const last = end ?? size;
  if (start < 0n || last > size || start > last) throw new Error(`slice ${start}:${last} is out of range of ${size}`);
  return isList(value) ? value.slice(Number(start), Number(last)) : byteSlice(value, Number(start), Number(last));
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\0": "\ufffd",
};

function escapeHtml(text: string): string {
  return text.replaceAll(/["'&<>\0]/g, (character) => htmlEscapes[character] ?? character);
}

function escapeJs(text: string): string {
  return text.replaceAll(/[\\'"<>&=]|[^ \x7f\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, (character) => {
    if (/[\\'"]/.test(character)) return `\\${character}`;
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  });
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
