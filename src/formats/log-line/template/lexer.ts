import { failureAt } from "./failure.ts";

export type TokenKind =
  | "text"
  | "open"
  | "close"
  | "space"
  | "string"
  | "character"
  | "number"
  | "variable"
  | "field"
  | "dot"
  | "name"
  | "end"
  | ":="
  | "="
  | "|"
  | ","
  | "("
  | ")";

export interface Token {
  readonly kind: TokenKind;
  /** As it is in the source; what `{{-` and `-}}` trim is cut off. */
  readonly text: string;
  readonly at: number;
}

/**
 * The tokens of a template of Go: text, and between `{{` and `}}` what actions are made of. Comments are left out. The
 * last token is an "end". Throws an Error where there is no token.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (let trims = false; at <= source.length; ) {
    const open = source.indexOf("{{", at);
    const end = open < 0 ? source.length : open;
    const trimsBefore = open >= 0 && /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
    pushText(tokens, source.slice(at, end), at, trims, trimsBefore);
    if (open < 0) break;
    at = open + (trimsBefore ? 4 : 2);
    at = source.startsWith("/*", at) ? skipComment(source, at) : readAction(source, open, at, tokens);
    trims = /[ \t\r\n]-\}\}$/.test(source.slice(at - 4, at));
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

function pushText(tokens: Token[], text: string, at: number, trimsStart: boolean, trimsEnd: boolean): void {
  const start = trimsStart ? text.replace(/^[ \t\r\n]+/, "") : text;
  const trimmed = trimsEnd ? start.replace(/[ \t\r\n]+$/, "") : start;
  if (trimmed !== "") tokens.push({ kind: "text", text: trimmed, at: at + text.length - start.length });
}

/** A comment is an action of its own: nothing but it, and trim marks, may stand between the braces. */
function skipComment(source: string, at: number): number {
  const end = source.indexOf("*/", at);
  if (end < 0) throw failureAt(source, at, "the comment is not closed by */");
  const [close] = /^(?:[ \t\r\n]-)?\}\}/.exec(source.slice(end + 2, end + 6)) ?? [];
  if (close === undefined) throw failureAt(source, end, "there must be }} right after the comment");
  return end + 2 + close.length;
}

/** The groups are the kinds, in this order. */
const kinds: readonly TokenKind[] = [
  "close",
  "space",
  ":=",
  "=",
  "|",
  ",",
  "(",
  ")",
  "string",
  "character",
  "number",
  "variable",
  "field",
  "dot",
  "name",
];

const tokenPattern = [
  /([ \t\r\n]+-\}\}|\}\})/u,
  /([ \t\r\n]+)/u,
  /(:=)/u,
  /(=)/u,
  /(\|)/u,
  /(,)/u,
  /(\()/u,
  /(\))/u,
  /("(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)/u,
  /('(?:[^'\\\n]|\\[^\n])+')/u,
  /([+-]?(?=\.?[0-9])(?:[0-9A-Za-z_.]|(?<=[eEpP])[+-])+)/u,
  /(\$[\p{L}\p{Nd}_]*)/u,
  /(\.[\p{L}\p{Nd}_]+)/u,
  /(\.)/u,
  /([\p{L}\p{Nd}_]+)/u,
]
  .map(({ source }) => source)
  .join("|");

/** Reads to the end of the action and gives the place behind it. */
function readAction(source: string, open: number, start: number, tokens: Token[]): number {
  tokens.push({ kind: "open", text: "{{", at: open });
  let at = start;
  const pattern = new RegExp(tokenPattern, "uy");
  pattern.lastIndex = start;
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    const [text = "", ...groups] = match;
    const kind = kinds[groups.findIndex((group) => group !== undefined)] ?? "space";
    tokens.push({ kind, text, at });
    at += text.length;
    if (kind === "close") return at;
  }
  throw failureAt(source, at >= source.length ? open : at, problem(source.slice(at)));
}

function problem(rest: string): string {
  if (rest === "") return "the action is not closed by }}";
  if (rest[0] === '"' || rest[0] === "`") return "the quoted string is not closed";
  if (rest[0] === "'") return "the character constant is not closed";
  return `unexpected ${JSON.stringify(String.fromCodePoint(rest.codePointAt(0) ?? 0))}`;
}
