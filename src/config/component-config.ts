import type { Component } from "../component.ts";
import { plainValue, type YamlEntry, type YamlNode } from "../lib/yaml.ts";
import { checkSchema } from "./check-schema.ts";
import { type Diagnostic, mistake } from "./diagnostic.ts";
import type { Environment } from "./interpolate.ts";
import type { ComponentConfig } from "./loaded.ts";
import { type ConfigFile, placeOf } from "./parse.ts";
import { hideSecrets } from "./shown.ts";
import { Values } from "./values.ts";
import { readWiring, type Wiring, wiringOf } from "./wiring.ts";

export interface CheckedComponent {
  readonly id: string;
  readonly component: Component;
  /** What it names, whatever else is wrong with it. */
  readonly wiring: Pick<Wiring, "targets" | "forward_to">;
  /** Undefined where there are mistakes. */
  readonly config: ComponentConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks one component of a file against its schema and its wiring; whom it names is looked at later. */
export function checkComponent(
  component: Component,
  { key: id, keyRange, value }: YamlEntry,
  file: ConfigFile,
  environment: Environment,
): CheckedComponent {
  const place = placeOf(file, keyRange);
  const root = emptyAsMap(value);
  if (root.kind !== "map") {
    const found = root.kind === "list" ? "a list" : "a single value";
    const diagnostic = mistake(`\`${id}\`: expected a mapping of its arguments, found ${found}`, place);
    return { id, component, wiring: { targets: [], forward_to: [] }, config: undefined, diagnostics: [diagnostic] };
  }
  const values = new Values(root, file, environment);
  const wiring = readWiring(component, root, keyRange, file, values);
  const otherKeys = Object.keys(wiringOf(component));
  const own = { ...root, entries: root.entries.filter(({ key }) => !otherKeys.includes(key)) };
  const checked = checkSchema({ schema: component.config, root: own, keyRange, file, values, otherKeys });
  const diagnostics = [...values.diagnostics, ...wiring.diagnostics, ...checked.diagnostics];
  const config = {
    id,
    component,
    config: checked.value,
    input: { ...(checked.input as object), ...idsOf(wiring) },
    shown: hideSecrets(plainValue(root), [component.config]),
    targets: wiring.targets,
    forwardTo: wiring.forward_to,
    place,
    configDir: file.dir,
  };
  return { id, component, wiring, config: diagnostics.length > 0 ? undefined : config, diagnostics };
}

/** `prometheus.exporter.unix.host:` with nothing behind it has no arguments. */
function emptyAsMap(node: YamlNode): YamlNode {
  return node.kind === "scalar" && node.value === null ? { kind: "map", entries: [], range: node.range } : node;
}

function idsOf({ targets, forward_to }: Wiring): object {
  return {
    ...(targets.length > 0 && { targets: targets.map(({ id }) => id) }),
    ...(forward_to.length > 0 && { forward_to: forward_to.map(({ id }) => id) }),
  };
}
