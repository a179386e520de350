import { droppingRule, relabel } from "../../formats/relabel/apply.ts";
import { compileRule } from "../../formats/relabel/compile.ts";
import { describeDroppingRule } from "../../formats/relabel/describe.ts";
import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** The rules that each target of a job goes through, once it has the labels that the job's settings give it. */
export interface TargetRelabeling {
  /** The target's labels, or why there is no target any more. */
  apply(labels: Labels): Labels | { readonly dropped: string };
}

export function targetRelabeling(rules: readonly RelabelRule[]): TargetRelabeling {
  const compiled = rules.map(compileRule);
  return {
    apply(labels) {
      if (rules.length === 0) return labels;
      return relabel(compiled, labels) ?? { dropped: describeDroppingRule(rules, droppingRule(compiled, labels)) };
    },
  };
}
