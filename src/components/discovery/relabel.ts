import { z } from "zod";
import { defineComponent } from "../../component.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { relabel } from "../../formats/relabel/apply.ts";
import { type CompiledRule, compileRule } from "../../formats/relabel/compile.ts";
import type { Target, TargetGroup } from "../../signals/targets.ts";

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
    let received = 0;
    let kept = 0;

    return {
      input: {
        receive(groups) {
          const relabeled = groups.map((group) => relabelGroup(compiled, group));
          received = countTargets(groups);
          kept = countTargets(relabeled);
          return output.receive(relabeled);
        },
      },
      debug: () => ({ received, kept, dropped: received - kept }),
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
