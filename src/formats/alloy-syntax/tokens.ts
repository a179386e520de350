import { AlloyError, type SourceRange } from "./syntax.ts";

export interface Token {
  readonly kind: "name" | "number" | "string" | "sign" | "end";
  /** A string without its quotes and escapes; all others as they are written. */
  readonly text: string;
  readonly range: SourceRange;
  /** Whether it is the first of its line: a statement ends before it. */
  readonly startsLine: boolean;
}

const pattern = new RegExp(
  [
    String.raw`(?<space>[ \t\r\n]+|//[^\n]*|/\*[\s\S]*?\*/)`,
    String.raw`(?<name>[\p{L}_][\p{L}\p{Nd}_]*)`,
    String.raw`(?<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)`,
    String.raw`(?<string>"(?:[^"\\\n]|\\.)*"|${"`"}[^${"`"}]*${"`"})`,
    String.raw`(?<sign>(?!/\*)(?:\|\||&&|==|!=|<=|>=|[-+*/%^<>!=.,;(){}\[\]]))`,
  ].join("|"),
  "uy",
);

/** The words of a config of Alloy's, comments left out; the last one is the end. Throws an AlloyError. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const place = new Places(text);
  let startsLine = true;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw new AlloyError(unreadable(text.slice(at)), place.range(at, 1));
    const { 0: raw, groups = {} } = match;
    const range = place.range(at, raw.length);
    at += raw.length;
    if (groups.space !== undefined) {
      startsLine ||= raw.includes("\n");
      continue;
    }
    const kind = (["name", "number", "string", "sign"] as const).find((each) => groups[each] !== undefined) ?? "sign";
    tokens.push({ kind, text: kind === "string" ? unquote(raw, range) : raw, range, startsLine });
    startsLine = false;
  }
  return [...tokens, { kind: "end", text: "the end of the file", range: place.range(at, 1), startsLine: true }];
}

function unreadable(rest: string): string {
  if (rest.startsWith('"') || rest.startsWith("`")) return "a string begins here and does not end";
  return rest.startsWith("/*") ? "a comment begins here and does not end" : `\`${[...rest][0]}\` has no meaning here`;
}

const escapes: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** Go's escapes; what stands between backquotes has none. */
function unquote(raw: string, range: SourceRange): string {
  const text = raw.slice(1, -1);
  if (raw.startsWith("`")) return text.replaceAll("\r", "");
  return text.replaceAll(
    /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs,
    (written, octal?: string, hex?: string, short?: string, long?: string, letter = "") => {
      const code = octal === undefined ? (hex ?? short ?? long) : undefined;
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      const known = escapes[letter];
      if (known === undefined) throw new AlloyError(`\`${written}\` is no escape; write \\\\ for a backslash`, range);
      return known;
    },
  );
}

/** From offsets to lines and columns; offsets are asked for in their order. */
class Places {
  readonly #text: string;
  #line = 1;
  #lineStart = 0;
  #seen = 0;

  constructor(text: string) {
    this.#text = text;
  }

  range(offset: number, length: number): SourceRange {
    for (let at = this.#text.indexOf("\n", this.#seen); at >= 0 && at < offset; at = this.#text.indexOf("\n", at + 1)) {
      this.#line++;
      this.#lineStart = at + 1;
    }
    this.#seen = Math.max(offset, this.#lineStart);
    const [first = ""] = this.#text.slice(offset, offset + length).split("\n", 1);
    return { line: this.#line, column: offset - this.#lineStart + 1, length: Math.max(first.length, 1) };
  }
}
