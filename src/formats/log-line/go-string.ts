/**
 * String literals of Go, as LogQL and templates have them: "interpreted", with escapes, or `raw`. Undefined if it is none.
 * Escapes name characters (\n, \u00e9, \U0001f600) or the bytes of UTF-8 (\xc3\xa9, \303\251).
 */
export function unquoteGo(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (/^`[^`]*`$/.test(literal)) return inner.replaceAll("\r", "");
  if (!/^"(?:[^"\\\n]|\\.)*"$/.test(literal)) return undefined;
  return withoutEscapes(inner, '"');
}

/** The number of a character in single quotes; undefined if it is none. */
export function unquoteCharacter(literal: string): number | undefined {
  if (!/^'(?:[^'\\\n]|\\.[^']*)'$/u.test(literal)) return undefined;
  const inner = literal.slice(1, -1);
  const byte = /^\\(?:x([0-9a-fA-F]{2})|([0-7]{3}))$/.exec(inner);
  if (byte !== null) return byte[1] === undefined ? Number.parseInt(byte[2] ?? "", 8) : Number.parseInt(byte[1], 16);
  const text = withoutEscapes(inner, "'");
  const code = text?.codePointAt(0);
  return text !== undefined && code !== undefined && [...text].length === 1 ? code : undefined;
}

const simple: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

function withoutEscapes(inner: string, quote: string): string | undefined {
  if (!inner.includes("\\")) return inner;
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = inner.indexOf("\\"); at >= 0; at = inner.indexOf("\\", from)) {
    parts.push(Buffer.from(inner.slice(from, at)));
    const [whole, bytes] = escapeAt(inner.slice(at, at + 10), quote) ?? [];
    if (whole === undefined || bytes === undefined) return undefined;
    parts.push(bytes);
    from = at + whole.length;
  }
  return Buffer.concat([...parts, Buffer.from(inner.slice(from))]).toString();
}

const escapePattern = /^\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

function escapeAt(text: string, quote: string): [whole: string, bytes: Buffer] | undefined {
  const [whole, letter, hex, octal, u4, u8] = escapePattern.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const code = letter === quote ? quote.charCodeAt(0) : simple[letter ?? ""];
  if (letter !== undefined) return code === undefined ? undefined : [whole, Buffer.from([code])];
  if (hex !== undefined) return [whole, Buffer.from(hex, "hex")];
  if (octal !== undefined) return [whole, Buffer.from([Number.parseInt(octal, 8)])];
  const character = characterOf(Number.parseInt(u4 ?? u8 ?? "", 16));
  return character === undefined ? undefined : [whole, Buffer.from(character)];
}

function characterOf(code: number): string | undefined {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}

const letters: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** strconv.Quote: what cannot be printed is escaped, and with `ascii` all that is not ASCII. */
export function quoteGo(text: string, quote = '"', ascii = false): string {
  let quoted = "";
  for (const character of text) quoted += character === quote ? `\\${quote}` : escaped(character, ascii);
  return quote + quoted + quote;
}

function escaped(character: string, ascii: boolean): string {
  const code = character.codePointAt(0) ?? 0;
  if (letters[character] !== undefined) return letters[character];
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x7f || (!ascii && isPrintable(character))) return character;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Letters, marks, numbers, punctuation and symbols; of the blanks only the ASCII one. */
function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}
