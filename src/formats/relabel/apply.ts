import type { Labels } from "../../signals/labels.ts";
import type { CompiledRule } from "./compile.ts";
import { LabelBuilder } from "./label-builder.ts";

/** The labels after all rules, in their order; undefined once a rule drops the set. */
export function relabel(rules: readonly CompiledRule[], labels: Labels): Labels | undefined {
  const builder = new LabelBuilder(labels);
  for (const rule of rules) if (!rule(builder)) return undefined;
  return builder.labels();
}

/** The number of the rule that drops the set; -1 when none does. */
export function droppingRule(rules: readonly CompiledRule[], labels: Labels): number {
  const builder = new LabelBuilder(labels);
  return rules.findIndex((rule) => !rule(builder));
}
