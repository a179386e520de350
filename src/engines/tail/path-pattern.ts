import { join } from "node:path";
import { compileRe2, type Re2 } from "../../lib/re2.ts";
import type { FolderEntry, TailFiles } from "./tail-files.ts";

/**
 * A path with wildcards, as doublestar has them: `*` and `?` within an element, `[a-z]`, `{a,b}`, `**` for any number of
 * folders, and `\` before a sign that means itself.
 */
export interface PathPattern {
  /** As the user wrote it. */
  readonly text: string;
  readonly matches: (path: string) => boolean;
  /** It stands for itself alone. */
  readonly isLiteral: boolean;
  /** What braces stand for, element by element. */
  readonly alternatives: readonly (readonly Element[])[];
}

/** A name as it is, a pattern for one, or any number of folders. */
type Element = string | Re2 | typeof anyFolders;

const anyFolders = Symbol("**");

/** An absolute pattern. Throws an Error that says what is wrong with it. */
export function parsePathPattern(text: string): PathPattern {
  const all = expandBraces(text);
  const whole = compileRe2(`^(?s:${all.map((one) => `(?:${wholePattern(one)})`).join("|")})$`);
  const alternatives = all.map((one) => elementsOf(one).map(parseElement));
  const isLiteral = !/[*?[{\\]/.test(text);
  return { text, matches: (path) => whole.test(path), isLiteral, alternatives };
}

/** A path that means itself, whatever signs are in it. */
export function literalPath(path: string): PathPattern {
  return { text: path, matches: (other) => other === path, isLiteral: true, alternatives: [elementsOf(path)] };
}

/** What a search found, and the folders that decide it: something that happens in one of them may change the answer. */
interface FoundPaths {
  readonly paths: readonly string[];
  readonly folders: readonly string[];
}

/** Files and links, sorted. A folder that cannot be listed is told to `onFailure`, and has nothing. */
export async function findPaths(
  files: TailFiles,
  pattern: PathPattern,
  onFailure: (folder: string, error: unknown) => void,
): Promise<FoundPaths> {
  const walk = new Walk(files, onFailure);
  for (const elements of pattern.alternatives) await walk.from("/", elements);
  return { paths: [...walk.paths].sort(), folders: [...walk.folders] };
}

class Walk {
  readonly paths = new Set<string>();
  readonly folders = new Set<string>();
  readonly #files: TailFiles;
  readonly #onFailure: (folder: string, error: unknown) => void;

  constructor(files: TailFiles, onFailure: (folder: string, error: unknown) => void) {
    this.#files = files;
    this.#onFailure = onFailure;
  }

  async from(folder: string, [element, ...rest]: readonly Element[]): Promise<void> {
    if (element === undefined) return;
    if (element === anyFolders) return this.#below(folder, rest);
    if (typeof element !== "string") return this.#matching(folder, element, rest);
    const path = join(folder, element);
    if (rest.length > 0) return this.from(path, rest);
    this.folders.add(folder);
    // Whether it exists is found by whoever looks at it.
    this.paths.add(path);
  }

  async #matching(folder: string, name: Re2, rest: readonly Element[]): Promise<void> {
    for (const entry of await this.#list(folder)) {
      if (entry.kind === "other" || !name.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (rest.length > 0 && entry.kind !== "file") await this.from(path, rest);
      if (rest.length === 0 && entry.kind !== "folder") this.paths.add(path);
    }
  }

  /** Links to folders are not followed here: they may lead back up. */
  async #below(folder: string, rest: readonly Element[]): Promise<void> {
    const entries = await this.#list(folder);
    // A `**` at the end is everything below.
    await this.from(folder, rest.length > 0 ? rest : [anyName]);
    for (const { name, kind } of entries) if (kind === "folder") await this.#below(join(folder, name), rest);
  }

  async #list(folder: string): Promise<readonly FolderEntry[]> {
    this.folders.add(folder);
    try {
      return await this.#files.list(folder);
    } catch (error) {
      this.#onFailure(folder, error);
      return [];
    }
  }
}

const anyName = compileRe2("^(?s:.*)$");

function elementsOf(path: string): string[] {
  return path.split("/").filter((element) => element !== "");
}

function parseElement(text: string): Element {
  if (text === "**") return anyFolders;
  return /[*?[\\]/.test(text) ? compileRe2(`^(?s:${namePattern(text)})$`) : text;
}

function wholePattern(text: string): string {
  const patterns = elementsOf(text).map((element, at, all) => {
    if (element !== "**") return `/${namePattern(element)}`;
    return at === all.length - 1 ? "/.*" : "(?:/[^/]+)*";
  });
  return patterns.join("");
}

const signs = /\\(?<meant>.)|\[(?<not>[!^]?)(?<set>\]?[^\]]+)\]|./gsu;

/** The regular expression of one element. */
function namePattern(text: string): string {
  return text.replaceAll(signs, (sign, ...rest) => {
    const { meant, not, set } = rest.at(-1) as Record<string, string | undefined>;
    if (meant !== undefined) return escaped(meant);
    if (set !== undefined) return `[${not && "^"}${set.replace(/[[\]\\]/g, "\\$&").replace(/^\^/, "\\^")}]`;
    if (sign === "*") return "[^/]*";
    if (sign === "?") return "[^/]";
    if (sign === "[") throw new Error(`"${text}" has a [ without its ]`);
    return escaped(sign);
  });
}

function escaped(sign: string): string {
  return sign.replace(/[\\.+*?()|[\]{}^$]/, "\\$&");
}

/** More would be a mistake: `{a,b}` eight times is 256 patterns. */
const maxAlternatives = 1_000;

function expandBraces(text: string): string[] {
  const open = /(?<!\\)\{/.exec(text)?.index;
  if (open === undefined) return [text];
  const { parts, end } = braceParts(text, open);
  const rest = expandBraces(text.slice(end));
  const expanded = parts.flatMap(expandBraces).flatMap((part) => rest.map((tail) => text.slice(0, open) + part + tail));
  if (expanded.length > maxAlternatives) throw new Error(`"${text}" stands for more than ${maxAlternatives} patterns`);
  return expanded;
}

/** What stands between the brace at `open` and its match, cut at the commas that are not in braces themselves. */
function braceParts(text: string, open: number): { parts: string[]; end: number } {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < text.length; at++) {
    const sign = text[at];
    if (sign === "\\") at++;
    else if (sign === "{") depth++;
    else if (sign === "," && depth === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    } else if (sign === "}" && --depth === 0) {
      parts.push(text.slice(from, at));
      return { parts, end: at + 1 };
    }
  }
  throw new Error(`"${text}" has a { without its }`);
}
