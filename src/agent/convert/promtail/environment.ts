import type { YamlNode } from "../../../lib/yaml.ts";
import type { Draft } from "../draft.ts";
import { literal, scalar } from "../nodes.ts";

/**
 * A tree in which `${NAME}` and `${NAME:default}` are environment variables, as promtail takes them with
 * `-config.expand-env`. Names in capitals only: others belong to regular expressions.
 */
export function withEnvironment(node: YamlNode, draft: Draft): YamlNode {
  if (node.kind === "list") return { ...node, items: node.items.map((item) => withEnvironment(item, draft)) };
  if (node.kind === "map") {
    const entries = node.entries.map((each) => ({ ...each, value: withEnvironment(each.value, draft) }));
    return { ...node, entries };
  }
  if (!node.text.includes("${")) return node;
  const parts = node.text.split(/(\$\{[A-Z_][A-Z0-9_]*(?::[^}]*)?\})/);
  if (parts.length === 1) return { ...literal(node.text, node.range), plain: node.plain };
  draft.find("note", `${node.text}: taken for an environment variable, as with -config.expand-env`, node.range);
  const text = parts.map((part, at) => (at % 2 === 0 ? literal(part, node.range).text : reference(part))).join("");
  return { ...scalar(text, node.range), plain: node.plain };
}

function reference(part: string): string {
  const [, name = "", fallback = ""] = /^\$\{([A-Z0-9_]+)(?::-?([^}]*))?\}$/.exec(part) ?? [];
  return `\${env:${name}:-${fallback}}`;
}
