import { AlloyError, type Attribute, type Block, type Statement } from "../../../formats/alloy-syntax/syntax.ts";
import { isObject } from "../../../formats/alloy-syntax/values.ts";
import type { YamlEntry, YamlNode } from "../../../lib/yaml.ts";
import { entry, list, map, treeOf } from "../nodes.ts";
import { listBlocks, type Mapping, renamedAnywhere } from "./mappings.ts";
import { attributesOf, type Module } from "./module.ts";
import { nodeOf } from "./references.ts";

/** What the body of a component is written with. */
export interface Writing {
  readonly module: Module;
  readonly mapping: Mapping;
  /** The component, for what is found. */
  readonly id: string;
}

/** The attributes and blocks of a component as fields; `handled` are those that are written otherwise. */
export function fieldsOf(body: readonly Statement[], writing: Writing, handled: readonly string[] = []): YamlEntry[] {
  const rest = body.filter(({ name }) => !handled.includes(name) && !isLeft(name, body, writing));
  const attributes = attributesOf(rest).flatMap((attribute) => attributeField(attribute, writing));
  const names = new Set(rest.flatMap((each) => (each.kind === "block" ? each.name : [])));
  const stages = rest.filter((each): each is Block => each.kind === "block" && each.name.startsWith("stage."));
  const blocks = [...names].filter((name) => !name.startsWith("stage."));
  return [
    ...attributes,
    ...blocks.map((name) => blockField(rest, name, writing)),
    ...(stages.length > 0 ? [entry("stages", stageList(stages, writing), stages[0]?.range)] : []),
  ];
}

/** Alloy's defaults that are not Sonde's, for what is not given. */
export function defaultsBeside(fields: readonly YamlEntry[], { mapping }: Writing, { range }: Block): YamlEntry[] {
  const missing = Object.entries(mapping.defaults ?? {}).filter(([key]) => !fields.some((field) => field.key === key));
  return missing.map(([key, value]) => entry(key, treeOf(value, range)));
}

function isLeft(name: string, body: readonly Statement[], { mapping, module, id }: Writing): boolean {
  const reason = mapping.left?.[name];
  const statement = body.find((each) => each.name === name);
  if (reason === undefined || statement === undefined) return false;
  const [severity, why] = reason;
  const isOff = statement.kind === "block" ? isDisabled(statement, module) : isFalse(statement, module);
  const range = statement.kind === "block" ? statement.range : statement.nameRange;
  module.draft.find(isOff ? "note" : severity, `${name}: ${why}`, range, id);
  return true;
}

function isDisabled(block: Block, module: Module): boolean {
  return attributesOf(block.body).some((each) => each.name === "enabled" && isFalse(each, module));
}

function isFalse({ value }: Attribute, module: Module): boolean {
  return attempt(() => module.evaluate(value)) === false;
}

function attributeField({ name, nameRange, value }: Attribute, { module, mapping, id }: Writing): YamlEntry[] {
  const key = mapping.renamed?.[name] ?? renamedAnywhere[name] ?? name;
  try {
    const found = module.evaluate(value);
    if (found === null) return [];
    const node = name === "http_headers" ? headers(nodeOf(found, value.range)) : nodeOf(found, value.range);
    const text = name === "proxy_connect_header" && isObject(found) ? firstOfEach(node) : node;
    return [entry(key, text, nameRange)];
  } catch (error) {
    if (!(error instanceof AlloyError)) throw error;
    module.draft.find("error", `${name}: ${error.message}`, error.range, id);
    return [];
  }
}

function blockField(body: readonly Statement[], name: string, writing: Writing): YamlEntry {
  const blocks = body.filter((each): each is Block => each.kind === "block" && each.name === name);
  const key = listBlocks[name];
  const nodes = blocks.map((block) => map(fieldsOf(block.body, inner(writing)), block.range));
  const [first] = nodes;
  const range = blocks[0]?.range ?? { line: 1, column: 1, length: 1 };
  if (key !== undefined) return entry(key, list(nodes, range), range);
  return entry(name, first ?? map([], range), range);
}

/** Stages keep their order: a list of mappings with one key each. */
function stageList(stages: readonly Block[], writing: Writing): YamlNode {
  const items = stages.map((stage) => {
    const options = map(fieldsOf(stage.body, inner(writing)), stage.range);
    return map([entry(stage.name.slice("stage.".length), options, stage.range)], stage.range);
  });
  return list(items, stages[0]?.range ?? { line: 1, column: 1, length: 1 });
}

/** Names of the component's own arguments mean nothing in its blocks, but for what is left out by name. */
function inner(writing: Writing): Writing {
  const { left = {} } = writing.mapping;
  return { ...writing, mapping: "netlink" in left ? { left: { netlink: left.netlink ?? ["note", ""] } } : {} };
}

/** `{ X = ["a"] }` is `X: { values: [a] }`. */
function headers(node: YamlNode): YamlNode {
  if (node.kind !== "map") return node;
  const entries = node.entries.map((each) => ({
    ...each,
    value: map([entry("values", each.value)], each.value.range),
  }));
  return { ...node, entries };
}

function firstOfEach(node: YamlNode): YamlNode {
  if (node.kind !== "map") return node;
  const entries = node.entries.map((each) => {
    const [first] = each.value.kind === "list" ? each.value.items : [];
    return first === undefined ? each : { ...each, value: first };
  });
  return { ...node, entries };
}

/** Undefined where it cannot be evaluated, which is found where it is written. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlloyError) return undefined;
    throw error;
  }
}
