import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { droppingRule, relabel } from "../../formats/relabel/apply.ts";
import { type CompiledRule, compileRule } from "../../formats/relabel/compile.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import type { Target, TargetGroup } from "../../signals/targets.ts";
import { type DroppedTarget, droppedTarget, maxDroppedTargets } from "../../signals/targets-view.ts";

export const discoveryRelabel = defineComponent({
  type: "discovery.relabel",
  summary: "Rewrites the labels of targets, and drops targets, by relabel rules.",
  description:
    "The rules are those of `relabel_configs` in prometheus.yml. Labels that begin with `__` are for the rules: a scrape " +
    "uses some of them and puts none on its series.",
  accepts: "targets",
  emits: "targets",
  config: z.strictObject({
    rules: relabelRules.describe("Relabel rules, in the order in which they apply."),
  }),
  example: `
discovery.file.fleet:
  files: [targets/*.yaml]

discovery.relabel.prod:
  targets: [discovery.file.fleet]
  rules:
    - { source_labels: [env], regex: prod, action: keep }
    - { source_labels: [__address__], regex: "([^:]+):.*", target_label: instance }

prometheus.scrape.fleet:
  targets: [discovery.relabel.prod]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create({ rules }, { output }) {
    const compiled = rules.map(compileRule);
    let received: readonly TargetGroup[] = [];
    let kept = 0;

    return {
      input: {
        receive(groups) {
          const relabeled = groups.map((group) => relabelGroup(compiled, group));
          received = groups;
          kept = countTargets(relabeled);
          return output.receive(relabeled);
        },
      },
      debug() {
        const count = countTargets(received);
        return { received: count, kept, dropped: count - kept };
      },
      targets: () => ({
        active: [],
        dropped: droppedTargets(rules, compiled, received),
        droppedCount: countTargets(received) - kept,
      }),
    };
  },
});

function relabelGroup(rules: readonly CompiledRule[], { source, targets }: TargetGroup): TargetGroup {
  return { source, targets: targets.flatMap((target) => relabelTarget(rules, target)) };
}

function relabelTarget(rules: readonly CompiledRule[], target: Target): Target[] {
  const labels = relabel(rules, target.labels);
  return labels === undefined ? [] : [{ ...target, labels }];
}

function countTargets(groups: readonly TargetGroup[]): number {
  return groups.reduce((sum, { targets }) => sum + targets.length, 0);
}

/** Found only when somebody asks, by relabeling again. */
function droppedTargets(
  rules: readonly RelabelRule[],
  compiled: readonly CompiledRule[],
  groups: readonly TargetGroup[],
): DroppedTarget[] {
  const dropped: DroppedTarget[] = [];
  for (const { labels } of groups.flatMap(({ targets }) => targets)) {
    if (dropped.length === maxDroppedTargets) break;
    const at = droppingRule(compiled, labels);
    const rule = rules[at];
    if (rule !== undefined) dropped.push(droppedTarget(labels, `rule ${at + 1} drops it: ${describeRule(rule)}`));
  }
  return dropped;
}

/** As one would write it; only actions that can drop a target are ever shown. */
function describeRule({ action, source_labels, regex, target_label }: RelabelRule): string {
  const test =
    action === "keep" || action === "drop" ? `regex: ${JSON.stringify(regex)}` : `target_label: ${target_label}`;
  return `{ source_labels: [${source_labels.join(", ")}], ${test}, action: ${action} }`;
}
