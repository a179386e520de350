import { RE2JS } from "re2js";
import { goSyntax } from "./re2-syntax.ts";

/**
 * Regular expressions that users write: RE2's syntax, as in Prometheus and Loki, and matching in linear time, so that
 * no pattern and no input can hang the agent.
 */
export interface Re2 {
  /** As the user wrote it. */
  readonly source: string;
  /** The numbers of the groups of each name. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
  /** Whether it matches anywhere in the text (everywhere, if anchored). */
  test(text: string): boolean;
  /** The leftmost match that begins at `from` or later. */
  find(text: string, from?: number): Spans | undefined;
}

/**
 * Where a match and its groups lie, in UTF-16 units: group n is `text.slice(spans[2 * n], spans[2 * n + 1])`, group 0 is
 * the whole match. A group that took no part in the match has -1.
 */
export type Spans = readonly number[];

/** The text of the first of these groups that took part in the match; "" if there is none. */
export function firstSpanText(text: string, spans: Spans, groups: readonly number[]): string {
  return spanText(text, spans, groups.find((n) => (spans[2 * n] ?? -1) >= 0) ?? -1);
}

/** The text of group n; "" if it took no part in the match or does not exist. */
export function spanText(text: string, spans: Spans, n: number): string {
  const start = spans[2 * n] ?? -1;
  return start < 0 ? "" : text.slice(start, spans[2 * n + 1]);
}

/**
 * Replaces every match that does not overlap an earlier one. As in Go, an empty match right behind another match is not
 * a match, and the search moves on by whole characters.
 */
export function replaceAll(re: Re2, text: string, replacement: (spans: Spans) => string): string {
  let replaced = "";
  let copied = 0;
  for (let from = 0; from <= text.length; ) {
    const spans = re.find(text, from);
    if (spans === undefined) break;
    const [start = 0, end = 0] = spans;
    replaced += text.slice(copied, start);
    if (end > copied || start === 0) replaced += replacement(spans);
    copied = end;
    from = Math.max(end, from + ((text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1));
  }
  return replaced + text.slice(copied);
}

/** Throws an Error with RE2's message if the pattern is not one. */
export function compileRe2(pattern: string): Re2 {
  return compileAs(pattern, pattern);
}

/**
 * A pattern that must match the whole text, its dots newlines too: what relabel rules hold. Prometheus wraps the source
 * as text, without a look at it, so the unbalanced `f)|(o` is valid and means "begins with f, or ends with o".
 */
export function compileAnchored(source: string): Re2 {
  if (source === "(.*)") return everything;
  if (isPlainAlternatives(source)) return plainAlternatives(source);
  return withPrefix(literalPrefix(source), compileAs(source, `^(?s:${source})$`));
}

/**
 * What every text that matches begins with: the plain characters in front, without one that is repeated or optional.
 * None where a bar or an unbalanced parenthesis makes them one possibility of several.
 */
function literalPrefix(source: string): string {
  if (source.includes("|") || !isPattern(source)) return "";
  const [plain = ""] = /^[^\\.+*?()[\]{}^$]*/u.exec(source) ?? [];
  return /^[*?{+]/.test(source.slice(plain.length)) ? plain.replace(/.$/su, "") : plain;
}

function isPattern(source: string): boolean {
  try {
    RE2JS.compile(source);
    return true;
  } catch {
    return false;
  }
}

/** Most texts that do not match show it at once, without the engine. */
function withPrefix(prefix: string, re: Re2): Re2 {
  if (prefix === "") return re;
  return {
    ...re,
    test: (text) => text.startsWith(prefix) && re.test(text),
    find: (text, from) => (text.startsWith(prefix) ? re.find(text, from) : undefined),
  };
}

function compileAs(source: string, pattern: string): Re2 {
  const syntax = goSyntax(pattern);
  const compiled = RE2JS.compile(syntax.pattern);
  const engine = compiled.re2();
  const captures = 1 + compiled.groupCount();
  return {
    source,
    groups: groupsOf(compiled.namedGroups(), syntax.repeated),
    test: (text) => compiled.test(text),
    // One pass for the match and its groups; RE2JS' own Matcher looks for the match first and for the groups again.
    find(text, from = 0) {
      const [found, spans] = engine.matchWithGroup(text, from, text.length, unanchored, captures);
      return found ? (spans as Spans) : undefined;
    },
  };
}

function groupsOf(
  named: Readonly<Record<string, number>>,
  repeated: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, readonly number[]> {
  return new Map(Object.entries(named).map(([name, number]) => [name, [number, ...(repeated.get(name) ?? [])]]));
}

/** RE2JS' flag for a search, of the three anchorings that `matchWithGroup` takes. */
const unanchored = 0;

const noGroups: ReadonlyMap<string, readonly number[]> = new Map();

/** The default regex of a rule, which most rules have: any text, whole. */
const everything: Re2 = {
  source: "(.*)",
  groups: noGroups,
  test: () => true,
  find: (text, from = 0) => (from === 0 ? [0, text.length, 0, text.length] : undefined),
};

/** `http|https`: no character of it means anything to RE2 but the bar. Such patterns need no engine. */
function isPlainAlternatives(source: string): boolean {
  return /^[A-Za-z0-9_:/@,;=| -]*$/.test(source);
}

function plainAlternatives(source: string): Re2 {
  const texts = new Set(source.split("|"));
  return {
    source,
    groups: noGroups,
    test: (text) => texts.has(text),
    find: (text, from = 0) => (from === 0 && texts.has(text) ? [0, text.length] : undefined),
  };
}
