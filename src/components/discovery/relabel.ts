import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { staticConfigs, targetsOf } from "../../config/fields/static-configs.ts";
import { droppingRule, relabel } from "../../formats/relabel/apply.ts";
import { type CompiledRule, compileRule } from "../../formats/relabel/compile.ts";
import { describeDroppingRule } from "../../formats/relabel/describe.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
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
  targetsOptional: true,
  emits: "targets",
  config: z.strictObject({
    static_configs: staticConfigs.describe("Targets that are known beforehand, beside those of `targets`."),
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

  create({ rules, static_configs }, { output }) {
    const compiled = rules.map(compileRule);
    const own = static_configs.length > 0 ? [{ source: "static_configs", targets: targetsOf(static_configs) }] : [];
    let received: readonly TargetGroup[] = own;
    let kept = 0;
    const handOn = () => {
      const relabeled = received.map((group) => relabelGroup(compiled, group));
      kept = countTargets(relabeled);
      return output.receive(relabeled);
    };

    return {
      input: {
        receive(groups) {
          received = [...groups, ...own];
          return handOn();
        },
      },
      async run(stop) {
        if (own.length > 0) await handOn();
        await untilAborted(stop);
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
    if (at >= 0) dropped.push(droppedTarget(labels, describeDroppingRule(rules, at)));
  }
  return dropped;
}
