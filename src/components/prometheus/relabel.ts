import { z } from "zod";
import { counter, defineComponent } from "../../component.ts";
import { relabelRules } from "../../config/fields/relabel-rule.ts";
import { BatchRelabeler } from "../../formats/relabel/batch.ts";

export const prometheusRelabel = defineComponent({
  type: "prometheus.relabel",
  summary: "Rewrites the labels of metrics, and drops series, by relabel rules.",
  description:
    "The rules are those of `metric_relabel_configs` in prometheus.yml. A series is relabeled once, when it first " +
    "appears, so the cost per sample does not depend on the rules. Where rules give several series the same labels, the " +
    "first sample of a batch is kept; a series that the rules leave without a `__name__` is dropped.",
  accepts: "metrics",
  emits: "metrics",
  metrics: {
    dropped: counter("dropped_samples_total", "Samples that were left out, by reason: rule, unnamed or duplicate.", [
      "reason",
    ]),
  },
  config: z.strictObject({
    rules: relabelRules.describe("Relabel rules, in the order in which they apply."),
  }),
  example: `
prometheus.scrape.apps:
  static_configs: [{ targets: ["localhost:8080"] }]
  forward_to: [prometheus.relabel.trim]

prometheus.relabel.trim:
  rules:
    - { source_labels: [__name__], regex: go_.*, action: drop }
    - { regex: pod_uid, action: labeldrop }
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints: [{ url: "https://prometheus.internal/api/v1/write" }]
`,

  create({ rules }, { output, metrics }) {
    const relabeler = new BatchRelabeler(rules);

    return {
      input: {
        receive(incoming) {
          const { batch, dropped } = relabeler.relabel(incoming);
          for (const reason of ["rule", "unnamed", "duplicate"] as const) {
            if (dropped[reason] > 0) metrics.dropped.inc({ reason }, dropped[reason]);
          }
          const isEmpty = batch.length === 0 && !batch.histograms?.length && !batch.exemplars?.length;
          return isEmpty ? Promise.resolve() : output.receive(batch);
        },
      },
    };
  },
});
