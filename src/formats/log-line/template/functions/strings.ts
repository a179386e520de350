import { lowercase, uppercase } from "../../../../lib/case-mapping.ts";
import { quoteGo } from "../../go-string.ts";
import { define, type GoFunctions } from "../function.ts";
import { plain } from "../print.ts";
import { byteSlice, isList, type Value } from "../values.ts";

/** promtail's own, which take the text first, and sprig's, which take it last, so that it can come out of a pipeline. */
export const stringFunctions: GoFunctions = {
  ToLower: define("s", lowercase),
  ToUpper: define("s", uppercase),
  Replace: define("sssi", replace),
  Trim: define("ss", (text: string, cut: string) => trimLeft(trimRight(text, cut), cut)),
  TrimLeft: define("ss", trimLeft),
  TrimRight: define("ss", trimRight),
  TrimPrefix: define("ss", trimPrefix),
  TrimSuffix: define("ss", trimSuffix),
  TrimSpace: define("s", trimSpace),

  lower: define("s", lowercase),
  upper: define("s", uppercase),
  title: define("s", title),
  untitle: define("s", (text: string) => text.replaceAll(/(?<!\S)\S/gu, lowercase)),
  trim: define("s", trimSpace),
  trimAll: define("ss", (cut: string, text: string) => trimLeft(trimRight(text, cut), cut)),
  trimall: define("ss", (cut: string, text: string) => trimLeft(trimRight(text, cut), cut)),
  trimPrefix: define("ss", (prefix: string, text: string) => trimPrefix(text, prefix)),
  trimSuffix: define("ss", (suffix: string, text: string) => trimSuffix(text, suffix)),
  contains: define("ss", (part: string, text: string) => text.includes(part)),
  hasPrefix: define("ss", (prefix: string, text: string) => text.startsWith(prefix)),
  hasSuffix: define("ss", (suffix: string, text: string) => text.endsWith(suffix)),
  replace: define("sss", (old: string, by: string, text: string) => replace(text, old, by, -1n)),
  repeat: define("is", repeat),
  trunc: define("is", trunc),
  substr: define("iis", substring),
  abbrev: define("is", abbreviate),
  nospace: define("s", (text: string) => text.replaceAll(/\s/gu, "")),
  initials: define("s", (text: string) => text.split(/\s+/u).map(firstCharacter).join("")),
  swapcase: define("s", swapCase),
  indent: define("is", indent),
  nindent: define("is", (spaces: bigint, text: string) => `\n${indent(spaces, text)}`),
  quote: define("a*", (...values: Value[]) => values.filter(isThere).map(quoted).join(" ")),
  squote: define("a*", (...values: Value[]) => values.filter(isThere).map(singleQuoted).join(" ")),
  cat: define("a*", (...values: Value[]) => values.filter(isThere).map(plain).join(" ")),
  plural: define("ssi", (one: string, many: string, count: bigint) => (count === 1n ? one : many)),

  split: define("ss", (separator: string, text: string) => numbered(splitText(text, separator, -1))),
  splitn: define("sis", (separator: string, count: bigint, text: string) =>
    numbered(splitText(text, separator, Number(count))),
  ),
  splitList: define("ss", (separator: string, text: string) => splitText(text, separator, -1)),
  join: define("sa", (separator: string, value: Value) => strings(value).join(separator)),
  sortAlpha: define("a", (value: Value) =>
    strings(value).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  ),
  toString: define("a", plain),
  toStrings: define("a", strings),
};

/** The first `count` places, all of them if it is negative; an empty text is before each character and at the end. */
function replace(text: string, old: string, by: string, count: bigint): string {
  const limit = count < 0n ? Number.POSITIVE_INFINITY : Number(count);
  const parts = old === "" ? ["", ...text] : text.split(old);
  if (old === "" && limit > [...text].length) parts.push("");
  const replaced = Math.min(limit, parts.length - 1);
  return (
    parts.slice(0, replaced + 1).join(by) +
    (replaced < parts.length - 1 ? old : "") +
    parts.slice(replaced + 1).join(old)
  );
}

function trimLeft(text: string, cut: string): string {
  const set = new Set(cut);
  const characters = [...text];
  const start = characters.findIndex((character) => !set.has(character));
  return start < 0 ? "" : characters.slice(start).join("");
}

function trimRight(text: string, cut: string): string {
  const set = new Set(cut);
  const characters = [...text];
  return characters.slice(0, characters.findLastIndex((character) => !set.has(character)) + 1).join("");
}

function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function trimSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

/** What Unicode calls white space, which the mark U+FEFF, a blank in JavaScript, is not. */
function trimSpace(text: string): string {
  return text.replace(/^\p{White_Space}+/u, "").replace(/\p{White_Space}+$/u, "");
}

/** Letters behind what is no letter, digit or underscore. */
function title(text: string): string {
  return text.replaceAll(/(?<![\p{L}\p{Nd}_]|[^\0-\x7f\p{White_Space}])\p{L}/gu, uppercase);
}

function swapCase(text: string): string {
  return text.replaceAll(/\p{L}/gu, (letter) => (lowercase(letter) === letter ? uppercase(letter) : lowercase(letter)));
}

/** Bytes, from the end if negative. */
function trunc(count: bigint, text: string): string {
  const size = BigInt(Buffer.byteLength(text));
  if (count < 0n) return size + count > 0n ? byteSlice(text, Number(size + count)) : text;
  return size > count ? byteSlice(text, 0, Number(count)) : text;
}

function substring(start: bigint, end: bigint, text: string): string {
  const size = BigInt(Buffer.byteLength(text));
  const last = start >= 0n && (end < 0n || end > size) ? size : end;
  const first = start < 0n ? 0n : start;
  if (last < first || last > size) throw new Error(`substr ${start}:${end} is out of range of ${size}`);
  return byteSlice(text, Number(first), Number(last));
}

function abbreviate(width: bigint, text: string): string {
  if (width < 4n || Buffer.byteLength(text) <= width) return text;
  return `${byteSlice(text, 0, Number(width) - 3)}...`;
}

/** Characters; a count that comes from a log line must not fill the memory. */
const maxRepeated = 1_000_000;

function repeat(count: bigint, text: string): string {
  if (count < 0n) throw new Error(`a text cannot be repeated ${count} times`);
  if (count * BigInt(text.length) > maxRepeated) throw new Error(`more than ${maxRepeated} characters`);
  return text.repeat(Number(count));
}

function firstCharacter(word: string): string {
  return [...word][0] ?? "";
}

function indent(spaces: bigint, text: string): string {
  const pad = repeat(spaces, " ");
  return pad + text.replaceAll("\n", `\n${pad}`);
}

function isThere(value: Value): boolean {
  return value !== undefined;
}

function quoted(value: Value): string {
  return quoteGo(plain(value));
}

function singleQuoted(value: Value): string {
  return `'${plain(value)}'`;
}

/** strings.SplitN: the last part is what is left; by nothing, each character is a part. */
function splitText(text: string, separator: string, count: number): string[] {
  if (count === 0) return [];
  const parts = separator === "" ? [...text] : text.split(separator);
  if (count < 0 || parts.length <= count) return parts;
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function numbered(parts: readonly string[]): Value {
  return new Map(parts.map((part, at) => [`_${at}`, part]));
}

function strings(value: Value): string[] {
  if (isList(value)) return value.filter(isThere).map(plain);
  return value === undefined ? [] : [plain(value)];
}
