import { basename } from "node:path";
import type { YamlEntry, YamlNode } from "../../lib/yaml.ts";
import { type YamlSection, yamlText } from "../../lib/yaml-text.ts";
import type { Converted, Finding } from "./draft.ts";

/** Converted files as one YAML text; what has no equal stands in a comment above the component it belonged to. */
export function renderConverted(files: readonly Converted[], origin: string): string {
  const sections = files.flatMap(({ file, findings }) =>
    file.root.entries.map((entry) => section(entry, findings, nameIn(files, file.path))),
  );
  const ids = new Set(sections.map(({ key }) => key));
  const others = files.flatMap(({ file, findings }) =>
    findings
      .filter(({ id }) => id === undefined || !ids.has(id))
      .toSorted((a, b) => a.range.line - b.range.line)
      .map((finding) => comment(finding, nameIn(files, file.path))),
  );
  const relative = [...new Set(files.flatMap(({ file }) => relativePaths(file.root)))];
  const hint =
    relative.length === 0
      ? []
      : [
          `Relative paths start at the folder of this file; put it beside the other, or change them: ${relative.join(", ")}.`,
        ];
  return yamlText(sections, [`Made from ${origin} by sonde convert.`, ...hint, ...others]);
}

function section({ key, value }: YamlEntry, findings: readonly Finding[], name: string): YamlSection {
  const own = findings.filter(({ id }) => id === key).toSorted((a, b) => a.range.line - b.range.line);
  return { key, value, comments: own.map((finding) => comment(finding, name)) };
}

/** What stands in fields for files, and is not absolute. */
function relativePaths(node: YamlNode, isFile = false): string[] {
  if (node.kind === "scalar") return isFile && !/^(\/|\$\{|$)/.test(node.text) ? [node.text] : [];
  if (node.kind === "list") return node.items.flatMap((item) => relativePaths(item, isFile));
  return node.entries.flatMap(({ key, value }) => relativePaths(value, /(_file|^files)$/.test(key)));
}

/** The name of a file is shown where there are several. */
function nameIn(files: readonly Converted[], path: string): string {
  return files.length > 1 ? `${basename(path)} ` : "";
}

function comment({ severity, message, range }: Finding, name: string): string {
  return `${severity === "error" ? "NOT CONVERTED" : "Note"}, ${name}line ${range.line}: ${message}`;
}
