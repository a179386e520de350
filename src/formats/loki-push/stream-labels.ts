import { type Labels, labelsFrom } from "../../signals/labels.ts";
import { LokiPushError } from "./loki-push-error.ts";

/**
 * The text in which a stream's labels travel: `{app="api", env="prod"}`. Loki reads it with PromQL's parser. That one takes
 * U+FFFD for a mistake in the encoding, so it is written as an escape; half of a surrogate pair, which UTF-8 cannot
 * say, becomes the same.
 */
export function formatStreamLabels(labels: Labels): string {
  let text = "{";
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    const separator = at === 0 ? "" : ", ";
    text += `${separator}${plainName.test(name) ? name : quote(name)}=${quote(labels[at + 1]!)}`;
  }
  return `${text}}`;
}

/** Throws a LokiPushError that says where the text is wrong. An empty value is an absent label, as in Prometheus. */
export function parseStreamLabels(text: string): Labels {
  const scan = new Scan(text);
  const record: Record<string, string> = Object.create(null);
  scan.expect(/\s*\{\s*/y, '"{"');
  while (scan.take(/\}\s*/y) === undefined) {
    const name = scan.take(/[a-zA-Z_][a-zA-Z0-9_]*/y) ?? scan.string("a label's name");
    scan.expect(/\s*=\s*/y, '"="');
    record[name] = scan.string("a quoted value");
    if (scan.take(/\s*,\s*/y) === undefined && !scan.isAt(/\s*\}/y)) scan.fail('"," or "}"');
    scan.take(/\s+/y);
  }
  if (!scan.isAtEnd) scan.fail("the end");
  return labelsFrom(record);
}

const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function quote(text: string): string {
  return mustEscape.test(text) ? `"${text.toWellFormed().replace(escaped, escapeOf)}"` : `"${text}"`;
}

const mustEscape = /["\\\p{Cc}\ufffd\p{Cs}]/u;
const escaped = /["\\\p{Cc}\ufffd]/gu;

function escapeOf(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  isAt(token: RegExp): boolean {
    token.lastIndex = this.#at;
    return token.test(this.#text);
  }

  /** Undefined, and no step further, where the token is not there. */
  take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const [found] = token.exec(this.#text) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  expect(token: RegExp, what: string): void {
    if (this.take(token) === undefined) this.fail(what);
  }

  string(what: string): string {
    const raw = this.take(/`[^`]*`/y);
    if (raw !== undefined) return raw.slice(1, -1);
    const quoted = this.take(/"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y);
    if (quoted === undefined) return this.fail(what);
    const inner = quoted.slice(1, -1);
    return inner.includes("\\") ? this.#unescape(inner) : inner;
  }

  fail(what: string): never {
    throw new LokiPushError(`cannot parse labels ${this.#text}: expected ${what} at character ${this.#at + 1}`);
  }

  /** Go's escapes: `\x` and octal ones are bytes, so the whole is put together from bytes. */
  #unescape(text: string): string {
    const parts: Buffer[] = [];
    let at = 0;
    for (const { 0: whole, 1: hex, 2: short, 3: long, 4: octal, 5: single = "", index } of text.matchAll(escapes)) {
      parts.push(Buffer.from(text.slice(at, index)));
      at = index + whole.length;
      const unicode = short ?? long;
      if (hex !== undefined) parts.push(Buffer.of(Number.parseInt(hex, 16)));
      else if (octal !== undefined) parts.push(Buffer.of(Number.parseInt(octal, 8)));
      else if (unicode !== undefined) parts.push(Buffer.from(this.#codePoint(Number.parseInt(unicode, 16), whole)));
      else parts.push(Buffer.from(singles[single] ?? this.#noEscape(whole)));
    }
    parts.push(Buffer.from(text.slice(at)));
    return Buffer.concat(parts).toString();
  }

  #codePoint(code: number, whole: string): string {
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    return code > 0x10ffff || isSurrogate ? this.#noEscape(whole) : String.fromCodePoint(code);
  }

  #noEscape(whole: string): never {
    throw new LokiPushError(`cannot parse labels ${this.#text}: ${whole} is no escape`);
  }
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gsu;

const singles: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};
