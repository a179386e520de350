import { createHash } from "node:crypto";
import { compileRe2, type Re2, replaceAll } from "../../../../lib/re2.ts";
import { compileExpand } from "../../../../lib/re2-expand.ts";
import { define, type GoFunctions } from "../function.ts";
import type { Value } from "../values.ts";

/** Hashes, encodings and regular expressions, of promtail (Hash, Sha2Hash) and of sprig. */
export function codeFunctions(): GoFunctions {
  const compile = rememberCompiled();
  return {
    Hash: define("ss", (salt: string, text: string) => hash("sha3-256", salt + text)),
    Sha2Hash: define("ss", (salt: string, text: string) => hash("sha256", salt + text)),
    sha1sum: define("s", (text: string) => hash("sha1", text)),
    sha256sum: define("s", (text: string) => hash("sha256", text)),
    sha512sum: define("s", (text: string) => hash("sha512", text)),
    adler32sum: define("s", adler32),
    b64enc: define("s", (text: string) => Buffer.from(text).toString("base64")),
    b64dec: define("s", decodeBase64),
    regexMatch: define("ss", (regex: string, text: string) => compile(regex).test(text)),
    regexFind: define("ss", (regex: string, text: string) => matches(compile(regex), text)[0]?.[0] ?? ""),
    regexFindAll: define("ssi", (regex: string, text: string, count: bigint) =>
      limited(matches(compile(regex), text), Number(count)).map(([match]) => match),
    ),
    regexReplaceAll: define("sss", (regex: string, text: string, replacement: string) => {
      const compiled = compile(regex);
      const expand = compileExpand(replacement, compiled);
      return replaceAll(compiled, text, (spans) => expand(text, spans));
    }),
    regexReplaceAllLiteral: define("sss", (regex: string, text: string, replacement: string) =>
      replaceAll(compile(regex), text, () => replacement),
    ),
    regexSplit: define("ssi", (regex: string, text: string, count: bigint) =>
      split(compile(regex), text, Number(count)),
    ),
    regexQuoteMeta: define("s", (text: string) => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
  };
}

/** Templates have few patterns, as constants. */
const maxCompiled = 100;

function rememberCompiled(): (pattern: string) => Re2 {
  const compiled = new Map<string, Re2>();
  return (pattern) => {
    const known = compiled.get(pattern);
    if (known !== undefined) return known;
    const regex = compileRe2(pattern);
    if (compiled.size >= maxCompiled) compiled.clear();
    compiled.set(pattern, regex);
    return regex;
  };
}

function hash(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

function adler32(text: string): string {
  let [a, b] = [1, 0];
  for (const byte of Buffer.from(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return String(b * 65536 + a);
}

function decodeBase64(text: string): string {
  const plain = text.replaceAll(/[\r\n]/g, "");
  const isValid = plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain);
  if (!isValid) throw new Error("this is no base64");
  return Buffer.from(plain, "base64").toString();
}

type Match = readonly [text: string, start: number, end: number];

function matches(regex: Re2, text: string): Match[] {
  const found: Match[] = [];
  replaceAll(regex, text, ([start = 0, end = 0]) => {
    found.push([text.slice(start, end), start, end]);
    return "";
  });
  return found;
}

function limited<Element>(list: readonly Element[], count: number): readonly Element[] {
  return count < 0 ? list : list.slice(0, count);
}

/** Go's Regexp.Split: at most `count` parts, the last of which is what is left. */
function split(regex: Re2, text: string, count: number): Value {
  if (count === 0) return [];
  if (text === "" && regex.source !== "") return [""];
  const parts: string[] = [];
  let [begin, end] = [0, 0];
  for (const [, start, matchEnd] of limited(matches(regex, text), count)) {
    if (count > 0 && parts.length === count - 1) break;
    end = start;
    if (matchEnd !== 0) parts.push(text.slice(begin, end));
    begin = matchEnd;
  }
  return end === text.length ? parts : [...parts, text.slice(begin)];
}
