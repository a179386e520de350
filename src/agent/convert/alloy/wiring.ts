import { AlloyError, type Attribute } from "../../../formats/alloy-syntax/syntax.ts";
import { type AlloyObject, type AlloyValue, isArray, isObject } from "../../../formats/alloy-syntax/values.ts";
import type { YamlNode } from "../../../lib/yaml.ts";
import { entry, list, map } from "../nodes.ts";
import type { Instance, Module } from "./module.ts";
import { componentOf, nodeOf } from "./references.ts";

/** What a list of targets is made of. */
export interface Sources {
  /** Components that have targets. */
  readonly instances: readonly Instance[];
  /** Targets that are written out. */
  readonly literals: readonly AlloyObject[];
}

/** Throws an AlloyError where it is no list of targets. */
export function sourcesOf({ value }: Attribute, module: Module): Sources {
  const evaluated = module.evaluate(value);
  const items = isArray(evaluated) ? evaluated.flatMap((item) => (isArray(item) ? item : [item])) : [evaluated];
  const instances: Instance[] = [];
  const literals: AlloyObject[] = [];
  for (const item of items) {
    const component = componentOf(item);
    if (component !== undefined) instances.push(component.instance);
    else if (isObject(item)) literals.push(item);
    else throw new AlloyError("a list of targets is wanted", value.range);
  }
  return { instances, literals };
}

/** The components that a `forward_to` names. Throws an AlloyError. */
export function receiversOf({ value }: Attribute, module: Module): Instance[] {
  const evaluated = module.evaluate(value);
  if (!isArray(evaluated)) throw new AlloyError("a list of receivers is wanted", value.range);
  return flat(evaluated).map((item) => {
    const component = componentOf(item);
    if (component === undefined) throw new AlloyError("a list of receivers is wanted", value.range);
    return component.instance;
  });
}

/** Targets that are written out, as `static_configs`: those with the same labels together. */
export function staticConfigs(literals: readonly AlloyObject[], range: Attribute["nameRange"]): YamlNode {
  const groups = Map.groupBy(literals, ({ __address__: _, ...labels }) => JSON.stringify(labels));
  const items = [...groups.values()].map((group) => {
    const { __address__: _, ...labels } = group[0] ?? {};
    const addresses = group.map((target) => nodeOf(target.__address__ ?? "", range));
    const targets = entry("targets", list(addresses, range));
    return map(Object.keys(labels).length === 0 ? [targets] : [targets, entry("labels", nodeOf(labels, range))], range);
  });
  return list(items, range);
}

function flat(values: readonly AlloyValue[]): AlloyValue[] {
  return values.flatMap((value) => (isArray(value) ? flat(value) : [value]));
}
