import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** Which of the rules drops a target, as one would write it; `at` counts from zero. */
export function describeDroppingRule(rules: readonly RelabelRule[], at: number): string {
  const rule = rules[at];
  return rule === undefined ? "" : `rule ${at + 1} drops it: ${describeRule(rule)}`;
}

/** Only actions that can drop a target are ever shown. */
function describeRule({ action, source_labels, regex, target_label }: RelabelRule): string {
  const test =
    action === "keep" || action === "drop" ? `regex: ${JSON.stringify(regex)}` : `target_label: ${target_label}`;
  return `{ source_labels: [${source_labels.join(", ")}], ${test}, action: ${action} }`;
}
