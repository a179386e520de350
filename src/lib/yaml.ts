import type { Scalar, YAMLError, YAMLMap, YAMLSeq } from "yaml";
import { type Alias, isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument } from "yaml";

/** YAML as a tree that knows where everything stands. Anchors and aliases are resolved, comments are gone. */
export type YamlNode = YamlScalar | YamlMap | YamlList;

export interface YamlScalar {
  readonly kind: "scalar";
  readonly value: unknown;
  /** The value as text: of a plain scalar its spelling (`1.10`), of a quoted one what is between the quotes. */
  readonly text: string;
  /** Neither quoted nor a block: a number, a boolean or null where it looks like one. */
  readonly plain: boolean;
  /** Its spelling in the file, quotes and escapes included. */
  readonly raw: string;
  readonly range: YamlRange;
}

export interface YamlMap {
  readonly kind: "map";
  readonly entries: readonly YamlEntry[];
  readonly range: YamlRange;
}

export interface YamlList {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
  readonly range: YamlRange;
}

export interface YamlEntry {
  readonly key: string;
  readonly keyRange: YamlRange;
  readonly value: YamlNode;
}

/** Line and column count from one; the length is that of the part on the first line, and at least one. */
export interface YamlRange {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface YamlMistake {
  readonly message: string;
  readonly range: YamlRange;
}

export class YamlError extends Error {
  readonly line: number;
  readonly column: number;

  constructor({ message, range }: YamlMistake) {
    super(`${message} (line ${range.line}, column ${range.column})`);
    this.line = range.line;
    this.column = range.column;
  }
}

/** The plain value of YAML 1.2 text (core schema); null when it is empty. Throws a YamlError at the first mistake. */
export function parseYaml(text: string): unknown {
  const { root, mistakes } = parseYamlTree(text);
  if (mistakes[0] !== undefined) throw new YamlError(mistakes[0]);
  return root === undefined ? null : plainValue(root);
}

/** The tree of YAML 1.2 text; `root` is undefined when there is none, because the text is empty or broken. */
export function parseYamlTree(text: string): { root: YamlNode | undefined; mistakes: readonly YamlMistake[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, version: "1.2" });
  const builder = new TreeBuilder(text, lineCounter);
  const syntax = [...document.errors, ...document.warnings].map((error) => builder.mistake(error));
  if (syntax.length > 0) return { root: undefined, mistakes: syntax };
  const root = document.contents === null ? undefined : builder.build(document.contents);
  return { root, mistakes: builder.mistakes };
}

/** The tree without its places. `replace` may put something else in the place of a scalar. */
export function plainValue(node: YamlNode, replace: (scalar: YamlScalar) => unknown = ({ value }) => value): unknown {
  if (node.kind === "scalar") return replace(node);
  if (node.kind === "list") return node.items.map((item) => plainValue(item, replace));
  return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value, replace)]));
}

/** The range of a part of a scalar's spelling. */
export function rangeWithin({ raw, range }: YamlScalar, at: number, length: number): YamlRange {
  const above = raw.slice(0, at).split("\n");
  if (above.length === 1) return { line: range.line, column: range.column + at, length };
  return { line: range.line + above.length - 1, column: (above.at(-1) ?? "").length + 1, length };
}

/** What YAML's core schema makes of an unquoted scalar: `80` is a number, `80s` a string, and so is nothing at all. */
export function resolvePlainScalar(text: string): unknown {
  const { contents } = parseDocument(text, { version: "1.2" });
  // Whatever else the text may be in YAML (a mapping, a comment, quotes) is not its own spelling: it stays text.
  return isScalar(contents) && contents.source === text ? contents.value : text;
}

/** Deeper is a mistake or an attack; the recursion below ends here. */
const maxDepth = 100;

/** A few lines of aliases of aliases can stand for billions of nodes. */
const maxAliasedNodes = 10_000;

class TreeBuilder {
  readonly mistakes: YamlMistake[] = [];
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, unknown>();
  #depth = 0;
  #aliasDepth = 0;
  #aliasedNodes = 0;

  constructor(text: string, lines: LineCounter) {
    this.#text = text;
    this.#lines = lines;
  }

  build(node: unknown, emptyAt: YamlRange = { line: 1, column: 1, length: 1 }): YamlNode {
    if (this.#depth > maxDepth) return this.#refuse(node, `nested more than ${maxDepth} levels deep`);
    if (this.#aliasDepth > 0 && ++this.#aliasedNodes > maxAliasedNodes) {
      return this.#refuse(node, `aliases stand for more than ${maxAliasedNodes} values`);
    }
    this.#depth++;
    try {
      if (isAlias(node)) return this.#alias(node);
      if (isMap(node)) return this.#map(node);
      if (isSeq(node)) return this.#list(node);
      return isScalar(node) ? this.#scalar(node) : emptyScalar(emptyAt);
    } finally {
      this.#depth--;
    }
  }

  mistake({ code, message, pos }: YAMLError): YamlMistake {
    const closing = /indented and end with a (.)/.exec(message)?.[1];
    const known = closing === undefined ? wordings[code] : `a \`${closing}\` is missing before this line`;
    const own = message.charAt(0).toLowerCase() + message.slice(1);
    return { message: known ?? own, range: this.#range(pos[0], pos[1]) };
  }

  #alias(alias: Alias): YamlNode {
    const anchored = this.#anchors.get(alias.source);
    if (anchored === undefined) return this.#refuse(alias, `no anchor &${alias.source} above this alias`);
    this.#aliasDepth++;
    try {
      return this.build(anchored);
    } finally {
      this.#aliasDepth--;
    }
  }

  #map(map: YAMLMap): YamlMap {
    this.#remember(map);
    const range = this.#rangeOf(map);
    const entries: YamlEntry[] = [];
    const lines = new Map<string, number>();
    for (const pair of map.items) {
      const entry = this.#entry(pair, range);
      const first = lines.get(entry.key);
      if (first === undefined) {
        lines.set(entry.key, entry.keyRange.line);
        entries.push(entry);
      } else {
        this.#report(`\`${entry.key}\` is given twice; the first is on line ${first}`, entry.keyRange);
      }
    }
    return { kind: "map", entries, range };
  }

  #entry(pair: Pair<unknown, unknown>, mapRange: YamlRange): YamlEntry {
    const key = this.build(pair.key, mapRange);
    if (key.kind !== "scalar") this.#report("a key must be a single value", key.range);
    const name = key.kind === "scalar" ? key.text : "";
    return { key: name, keyRange: key.range, value: this.build(pair.value, key.range) };
  }

  #list(list: YAMLSeq): YamlList {
    this.#remember(list);
    const range = this.#rangeOf(list);
    return { kind: "list", items: list.items.map((item) => this.build(item, range)), range };
  }

  #scalar(scalar: Scalar): YamlScalar {
    this.#remember(scalar);
    const [start, end] = scalar.range ?? [0, 0];
    return {
      kind: "scalar",
      value: scalar.value,
      text: scalar.type === "PLAIN" ? (scalar.source ?? "") : String(scalar.value),
      plain: scalar.type === "PLAIN",
      raw: this.#text.slice(start, end),
      range: this.#range(start, end),
    };
  }

  #remember(node: { anchor?: string }): void {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
  }

  #refuse(node: unknown, message: string): YamlScalar {
    const range = this.#rangeOf(node as { range?: readonly number[] | null });
    this.#report(message, range);
    return emptyScalar(range);
  }

  /** Once per message: what is nested too deep, or aliased too often, is so many times over. */
  #report(message: string, range: YamlRange): void {
    if (!this.mistakes.some((mistake) => mistake.message === message)) this.mistakes.push({ message, range });
  }

  #rangeOf(node: { range?: readonly number[] | null | undefined }): YamlRange {
    const [start = 0, end = start] = node.range ?? [];
    return this.#range(start, end);
  }

  #range(start: number, end: number): YamlRange {
    const { line, col } = this.#lines.linePos(start);
    const [firstLine = ""] = this.#text.slice(start, end).split(/\r?\n/, 1);
    // A document that is only a comment, or an error at its end, has no line yet.
    return { line: Math.max(line, 1), column: Math.max(col, 1), length: Math.max(firstLine.trimEnd().length, 1) };
  }
}

function emptyScalar(range: YamlRange): YamlScalar {
  return { kind: "scalar", value: null, text: "", plain: true, raw: "", range };
}

/** Where the parser speaks of its own grammar, say what the writer did. */
const wordings: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: "a tab indents this line; YAML wants spaces",
  MULTIPLE_DOCS: "a second document begins here; a file holds one",
  BLOCK_AS_IMPLICIT_KEY:
    "a mapping cannot begin here; quote a value that contains `: `, and look at the next line's indentation",
  MULTILINE_IMPLICIT_KEY: "this is neither `key: value` nor part of the value above",
  MISSING_CHAR: "something is opened and never closed: a quote, a bracket, or a `:` is missing",
};
