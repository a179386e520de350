import type { YamlEntry, YamlList, YamlMap, YamlNode, YamlRange, YamlScalar } from "../../lib/yaml.ts";

/** Trees of a config that was never written, each part with the place of what it comes from. */

/** A value as it is meant: `${word:…}` in it stands for itself. */
export function literal(value: string | number | boolean, range: YamlRange): YamlScalar {
  return scalar(typeof value === "string" ? escapeReferences(value) : value, range);
}

/** A text in which `${env:…}` and the like are references. */
export function scalar(value: string | number | boolean, range: YamlRange): YamlScalar {
  const text = String(value);
  return { kind: "scalar", value, text, plain: true, raw: text, range };
}

export function list(items: readonly YamlNode[], range: YamlRange): YamlList {
  return { kind: "list", items, range };
}

export function map(entries: readonly YamlEntry[], range: YamlRange): YamlMap {
  return { kind: "map", entries, range };
}

export function entry(key: string, value: YamlNode, keyRange: YamlRange = value.range): YamlEntry {
  return { key, keyRange, value };
}

export function idList(
  key: "targets" | "forward_to" | "write_to",
  ids: readonly string[],
  range: YamlRange,
): YamlEntry {
  return entry(
    key,
    list(
      ids.map((id) => scalar(id, range)),
      range,
    ),
  );
}

/** Any plain value as a tree; what is undefined is left out. */
export function treeOf(value: unknown, range: YamlRange): YamlNode {
  if (Array.isArray(value)) {
    return list(
      value.map((item) => treeOf(item, range)),
      range,
    );
  }
  if (typeof value === "object" && value !== null) {
    const given = Object.entries(value).filter(([, each]) => each !== undefined);
    return map(
      given.map(([key, each]) => entry(key, treeOf(each, range))),
      range,
    );
  }
  return literal(value as string | number | boolean, range);
}

/** A tree of another language than Sonde's, in which `${word:…}` has no meaning. */
export function literally(node: YamlNode): YamlNode {
  if (node.kind === "list") return { ...node, items: node.items.map(literally) };
  if (node.kind === "map") {
    return { ...node, entries: node.entries.map((each) => ({ ...each, value: literally(each.value) })) };
  }
  if (!node.text.includes("${")) return node;
  const text = escapeReferences(node.text);
  return { ...node, text, value: typeof node.value === "string" ? text : node.value };
}

export function child(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return entriesOf(node).find((each) => each.key === key)?.value;
}

export function entriesOf(node: YamlNode | undefined): readonly YamlEntry[] {
  return node?.kind === "map" ? node.entries : [];
}

export function itemsOf(node: YamlNode | undefined): readonly YamlNode[] {
  return node?.kind === "list" ? node.items : [];
}

export function textOf(node: YamlNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.value !== null ? node.text : undefined;
}

/** Nothing behind the colon, or an empty list or mapping. */
export function isEmpty(node: YamlNode): boolean {
  if (node.kind === "scalar") return node.value === null;
  return node.kind === "list" ? node.items.length === 0 : node.entries.length === 0;
}

function escapeReferences(text: string): string {
  return text.replaceAll(/\$\{(?=[a-zA-Z_]+:)/g, () => "$${");
}
