import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { relabel } from "./apply.ts";
import { compileRule } from "./compile.ts";

/** Names the tenant of an entry, and is the one label of its kind that travels on. */
export const tenantLabel = "__tenant_id__";

/**
 * What becomes of the labels that a source of logs gives an entry: the rules see all of them, then those that begin with
 * `__` have done their work. Undefined where the rules drop the entry, or leave it no label.
 */
export function sourceLabels(rules: readonly RelabelRule[]): (labels: Labels) => Labels | undefined {
  const compiled = rules.map(compileRule);
  return (labels) => {
    const kept = withoutInternal(relabel(compiled, labels) ?? []);
    return kept.length === 0 ? undefined : kept;
  };
}

/** What travels on. */
export function withoutInternal(labels: Labels): Labels {
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    const name = labels[at]!;
    if (!name.startsWith("__") || name === tenantLabel) kept.push(name, labels[at + 1]!);
  }
  return kept;
}
