import { Document, Pair, Scalar, type YAMLMap, YAMLSeq, YAMLMap as YamlMapNode } from "yaml";
import { resolvePlainScalar, type YamlNode, type YamlScalar } from "./yaml.ts";

/** A top-level key, and what stands above it. */
export interface YamlSection {
  readonly key: string;
  readonly value: YamlNode;
  /** Lines, without the `#`. */
  readonly comments: readonly string[];
}

/** A tree as YAML text, an empty line between its sections, and the comments of the file above all. */
export function yamlText(sections: readonly YamlSection[], comments: readonly string[] = []): string {
  const document = new Document();
  const root = new YamlMapNode();
  for (const [at, { key, value, comments: above }] of sections.entries()) {
    const name = new Scalar(key);
    name.spaceBefore = at > 0;
    if (above.length > 0) name.commentBefore = commentText(above);
    root.items.push(new Pair(name, nodeOf(value)));
  }
  document.contents = root as never;
  const head = comments.map((line) => `${`# ${line}`.trimEnd()}\n`).join("");
  const body = sections.length === 0 ? "" : document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return head === "" || body === "" ? head + body : `${head}\n${body}`;
}

function commentText(lines: readonly string[]): string {
  return lines.map((line) => ` ${line}`).join("\n");
}

function nodeOf(node: YamlNode): Scalar | YAMLMap | YAMLSeq {
  if (node.kind === "scalar") return scalarOf(node);
  if (node.kind === "list") {
    const sequence = new YAMLSeq();
    for (const item of node.items) sequence.items.push(nodeOf(item));
    // References need quotes inside brackets, and long lists are easier to change line by line.
    const texts = node.items.map((item) => (item.kind === "scalar" ? item.text : undefined));
    const isShort = texts.every((text) => text !== undefined && !text.includes("\n")) && texts.join(", ").length <= 80;
    sequence.flow = isShort && !texts.some((text) => text?.includes("${"));
    return sequence;
  }
  const mapping = new YamlMapNode();
  for (const { key, value } of node.entries) mapping.items.push(new Pair(new Scalar(key), nodeOf(value)));
  mapping.flow = node.entries.length === 0;
  return mapping;
}

/** Numbers and the like as they were spelled; `1.10` would be another text as a number. */
function scalarOf({ value, text, plain }: YamlScalar): Scalar {
  if (value === null) return new Scalar(null);
  if (typeof value !== "string") return new Scalar(String(value) === text ? value : text);
  const scalar = new Scalar(value);
  const isReferenceAlone = plain && /^\$\{[a-zA-Z_]+:[^}]*\}$/.test(value);
  if (!isReferenceAlone && resolvePlainScalar(value) !== value) scalar.type = "QUOTE_DOUBLE";
  return scalar;
}
