import { dirname, resolve } from "node:path";
import { parseYamlTree, type YamlMap, type YamlMistake, type YamlNode, type YamlRange } from "../lib/yaml.ts";
import { type Diagnostic, mistake, type Place } from "./diagnostic.ts";

/** One file of a config, as a tree with places. */
export interface ConfigFile {
  readonly path: string;
  /** The folder of the file, absolute. */
  readonly dir: string;
  readonly lines: readonly string[];
  readonly root: YamlMap;
}

export interface Parsed {
  /** Undefined where the text is no YAML, or no mapping. */
  readonly file: ConfigFile | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseConfigFile(path: string, text: string): Parsed {
  const lines = text.split(/\r?\n/);
  const { root, mistakes } = parseYamlTree(text);
  const toDiagnostic = ({ message, range }: YamlMistake) =>
    mistake(message, placeOf({ path, lines }, range), interpolationHint(lines[range.line - 1]));
  // A parser that lost its way reports what follows from its first mistake too.
  if (root === undefined && mistakes[0] !== undefined) {
    return { file: undefined, diagnostics: [toDiagnostic(mistakes[0])] };
  }
  const map = asMap(root);
  if (map === undefined) return { file: undefined, diagnostics: [notAMapping(root, { path, lines })] };
  return { file: { path, dir: resolve(dirname(path)), lines, root: map }, diagnostics: mistakes.map(toDiagnostic) };
}

export function placeOf(
  { path, lines }: Pick<ConfigFile, "path" | "lines">,
  { line, column, length }: YamlRange,
): Place {
  return { file: path, line, column, length, lines };
}

/** A file that is empty, or nothing but comments, adds nothing: that is no mistake in a folder of several. */
function asMap(root: YamlNode | undefined): YamlMap | undefined {
  const isEmpty = root === undefined || (root.kind === "scalar" && root.value === null);
  if (isEmpty) return { kind: "map", entries: [], range: { line: 1, column: 1, length: 1 } };
  return root.kind === "map" ? root : undefined;
}

function notAMapping(root: YamlNode | undefined, file: Pick<ConfigFile, "path" | "lines">): Diagnostic {
  const found = root?.kind === "list" ? "a list" : "a single value";
  return mistake(
    `a config is a mapping of components, found ${found}`,
    root && placeOf(file, root.range),
    "begin a line with a component, such as prometheus.exporter.unix.host: {}",
  );
}

/** Between braces and brackets YAML takes the braces of a reference for its own. */
function interpolationHint(line = ""): string | undefined {
  return /[[{,].*\$\{/.test(line) ? "inside { } and [ ] a reference to a value from outside needs quotes" : undefined;
}
