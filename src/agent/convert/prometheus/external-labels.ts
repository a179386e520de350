import type { YamlEntry } from "../../../lib/yaml.ts";
import { entriesOf, literal, scalar, textOf } from "../nodes.ts";

/** `$VAR` and `${VAR}` stand for the environment, and are empty where it has no such variable; `$$` is a dollar. */
export function convertExternalLabels(labels: YamlEntry): YamlEntry {
  if (labels.value.kind !== "map") return labels;
  const entries = entriesOf(labels.value).map((label) => {
    const text = textOf(label.value) ?? "";
    if (!text.includes("$")) return label;
    return { ...label, value: scalar(withReferences(text), label.value.range) };
  });
  return { ...labels, value: { ...labels.value, entries } };
}

function withReferences(text: string): string {
  const parts = text.split(/(\$\$|\$\{[^}]*\}|\$[a-zA-Z_]\w*)/);
  return parts.map((part) => reference(part) ?? literal(part, nowhere).text).join("");
}

function reference(part: string): string | undefined {
  if (part === "$$") return "$";
  const [, braced, bare] = /^\$(?:\{([^}]*)\}|([a-zA-Z_]\w*))$/.exec(part) ?? [];
  const name = braced ?? bare;
  if (name === undefined) return undefined;
  // There is no variable of such a name, and none is empty.
  return /^[a-zA-Z_]\w*$/.test(name) ? `\${env:${name}:-}` : "";
}

const nowhere = { line: 1, column: 1, length: 1 };
