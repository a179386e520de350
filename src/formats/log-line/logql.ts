import { compileAnchored, compileRe2, type Re2 } from "../../lib/re2.ts";
import { type Labels, labelValue } from "../../signals/labels.ts";
import { unquoteGo } from "./go-string.ts";

/** A stream selector of LogQL with line filters: `{app="nginx", env=~"prod|dev"} |= "error" or "warn" !~ "timeout [0-9]+"`. */
export interface LogQl {
  /** Whether all matchers hold of the labels and all filters of the line. */
  matches(labels: Labels, line: string): boolean;
}

/** What is wrong with the expression, and where. */
export class LogQlError extends Error {
  /** UTF-16 units from the start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`column ${offset + 1}: ${message}`);
    this.offset = offset;
  }
}

/**
 * A label that is absent matches as if it were empty, and expressions of labels must match the whole value, both as in
 * Prometheus; those of lines match anywhere. Strings are in double quotes with Go's escapes or in backticks. After a filter
 * that excludes, `or` excludes more.
 *
 * Throws a LogQlError.
 */
export function parseLogQl(text: string): LogQl {
  const tokens = tokenize(text);
  const matchers = readMatchers(tokens);
  const filters = readFilters(tokens);
  return {
    matches: (labels, line) => matchers.every((matcher) => matcher(labels)) && filters.every((filter) => filter(line)),
  };
}

interface Token {
  readonly text: string;
  readonly offset: number;
}

const tokenPattern =
  /[ \t\r\n]+|("(?:[^"\\\n]|\\[^\n])*"|`[^`]*`|[A-Za-z_][A-Za-z0-9_]*|[=!]~|!=|\|[=~]|[={},])|(.)/gsu;

/** Turned round: the next one is the last. The one that ends the text is empty. */
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 1: token, 2: other, index: offset } of text.matchAll(tokenPattern)) {
    if (other !== undefined) {
      const isQuote = other === '"' || other === "`";
      throw new LogQlError(isQuote ? "the string is not closed" : `unexpected ${other}`, offset);
    }
    if (token !== undefined) tokens.push({ text: token, offset });
  }
  return [...tokens, { text: "", offset: text.length }].reverse();
}

function readMatchers(tokens: Token[]): Array<(labels: Labels) => boolean> {
  const matchers: Array<(labels: Labels) => boolean> = [];
  take(tokens, /^\{$/, "{ and the matchers of labels");
  if (tokens.at(-1)?.text !== "}") matchers.push(readMatcher(tokens));
  while (take(tokens, /^[,}]$/, ", or }").text === ",") matchers.push(readMatcher(tokens));
  return matchers;
}

function readMatcher(tokens: Token[]): (labels: Labels) => boolean {
  const { text: name } = take(tokens, /^[A-Za-z_]/, "the name of a label");
  const { text: operator } = take(tokens, /^(?:=|!=|=~|!~)$/, "=, !=, =~ or !~");
  const [value, offset] = takeString(tokens);
  if (operator === "=") return (labels) => labelValue(labels, name) === value;
  if (operator === "!=") return (labels) => labelValue(labels, name) !== value;
  const { test } = compileAt(offset, () => compileAnchored(value));
  return operator === "=~" ? (labels) => test(labelValue(labels, name)) : (labels) => !test(labelValue(labels, name));
}

function readFilters(tokens: Token[]): Array<(line: string) => boolean> {
  const filters: Array<(line: string) => boolean> = [];
  for (;;) {
    const { text: operator } = take(tokens, /^(?:\|=|!=|\|~|!~|)$/, "|=, !=, |~ or !~");
    if (operator === "") return filters;
    filters.push(readFilter(tokens, operator));
  }
}

function readFilter(tokens: Token[], operator: string): (line: string) => boolean {
  const finds = [readFind(tokens, operator)];
  while (tokens.at(-1)?.text === "or") {
    tokens.pop();
    finds.push(readFind(tokens, operator));
  }
  const excludes = operator.startsWith("!");
  return (line) => finds.some((find) => find(line)) !== excludes;
}

function readFind(tokens: Token[], operator: string): (line: string) => boolean {
  const [value, offset] = takeString(tokens);
  if (operator.endsWith("=")) return (line) => line.includes(value);
  return compileAt(offset, () => compileRe2(value)).test;
}

function takeString(tokens: Token[]): [value: string, offset: number] {
  const { text, offset } = take(tokens, /^["`]/, "a string in quotes");
  const value = unquoteGo(text);
  if (value === undefined) throw new LogQlError(`${text} has an escape that Go does not know`, offset);
  return [value, offset];
}

function compileAt(offset: number, compile: () => Re2): Re2 {
  try {
    return compile();
  } catch (error) {
    throw new LogQlError(error instanceof Error ? error.message : String(error), offset);
  }
}

function take(tokens: Token[], expected: RegExp, wanted: string): Token {
  const token = tokens.pop() ?? { text: "", offset: 0 };
  if (expected.test(token.text)) return token;
  throw new LogQlError(`unexpected ${token.text === "" ? "end" : token.text}, there should be ${wanted}`, token.offset);
}
