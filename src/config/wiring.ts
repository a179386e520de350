import type { Component } from "../component.ts";
import type { YamlEntry, YamlMap, YamlNode, YamlRange } from "../lib/yaml.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Reference } from "./loaded.ts";
import { type ConfigFile, placeOf } from "./parse.ts";
import { fieldNames } from "./schema-walk.ts";
import type { Values } from "./values.ts";

/** The two words that wire components; a component's own schema knows nothing of them. */
export type WiringKey = "targets" | "forward_to";

export const wiringDescriptions: Readonly<Record<WiringKey, string>> = {
  targets: "The ids of the components whose targets it takes.",
  forward_to: "The ids of the components that get what it produces.",
};

/** For those who write a wiring key where the component has none. */
export const foreignWiringHints: Readonly<Partial<Record<string, string>>> = {
  targets: "only a component that accepts targets has it; data is sent from the other side, with forward_to",
  forward_to:
    "only a component that emits metrics or logs has it; its targets are taken from the other side, with targets",
};

/** The wiring keys that a component has, and whether they must be there. */
export function wiringOf(component: Component): Partial<Record<WiringKey, { required: boolean }>> {
  return {
    ...(component.accepts === "targets" && { targets: { required: component.targetsOptional !== true } }),
    ...((component.emits === "metrics" || component.emits === "logs") && { forward_to: { required: true } }),
  };
}

export interface Wiring extends Readonly<Record<WiringKey, readonly Reference[]>> {
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the wiring keys of a component; whether their ids exist is looked at when all components are known. */
export function readWiring(
  component: Component,
  root: YamlMap,
  keyRange: YamlRange,
  file: ConfigFile,
  values: Values,
): Wiring {
  const diagnostics: Diagnostic[] = [];
  const found: Record<WiringKey, readonly Reference[]> = { targets: [], forward_to: [] };
  for (const [key, { required }] of Object.entries(wiringOf(component)) as [WiringKey, { required: boolean }][]) {
    const entry = root.entries.find((other) => other.key === key);
    found[key] = references(entry?.value, file, values);
    const wrong = wrongList(key, entry, required, component);
    if (wrong !== undefined)
      diagnostics.push(mistake(wrong.message, placeOf(file, wrong.range ?? keyRange), wrong.hint));
  }
  return { ...found, diagnostics };
}

function wrongList(
  key: WiringKey,
  entry: YamlEntry | undefined,
  required: boolean,
  component: Component,
): { message: string; range?: YamlRange; hint: string } | undefined {
  const example = `${key}: [<type>.<label>]`;
  if (entry === undefined) {
    return required ? { message: `missing required field \`${key}\``, hint: `${hints[key]}: ${example}` } : undefined;
  }
  const { keyRange, value } = entry;
  if (!isIdList(value)) {
    const range = value.kind === "scalar" && value.raw !== "" ? value.range : keyRange;
    return { message: `\`${key}\`: expected a list of component ids`, range, hint: listHint(key, value, component) };
  }
  const isEmpty = required && value.items.length === 0;
  return isEmpty ? { message: `\`${key}\` names no component`, range: keyRange, hint: hints[key] } : undefined;
}

/** What was written, as a list; or where targets that are written out belong. */
function listHint(key: WiringKey, value: YamlNode, { config }: Component): string {
  if (value.kind === "scalar" && /^[a-z_.]+\.[a-zA-Z0-9_-]+$/.test(value.text)) return `write ${key}: [${value.text}]`;
  const place = ["static_configs", "path_targets", "paths"].find((name) => fieldNames(config).includes(name));
  const isWrittenOut = value.kind === "list" && value.items.some(({ kind }) => kind === "map");
  if (isWrittenOut && key === "targets" && place !== undefined)
    return `targets that are written out belong into ${place}`;
  return `write ${key}: [<type>.<label>]`;
}

const hints: Readonly<Record<WiringKey, string>> = {
  targets: "name the components whose targets it is to take",
  forward_to: "name the components that are to get what it produces",
};

type IdList = Extract<YamlNode, { kind: "list" }>;

function isIdList(node: YamlNode | undefined): node is IdList {
  return node?.kind === "list" && node.items.every((item) => item.kind === "scalar");
}

/** The ids of a list, with their places; none where the node is no such list. */
export function references(node: YamlNode | undefined, file: ConfigFile, values: Values): Reference[] {
  const items = isIdList(node) ? node.items : [];
  return items.flatMap((item) => {
    if (item.kind !== "scalar" || values.isBroken(item)) return [];
    return [{ id: values.text(item), place: placeOf(file, item.range) }];
  });
}
