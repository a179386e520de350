import { relabel } from "../../formats/relabel/apply.ts";
import { compileRule } from "../../formats/relabel/compile.ts";
import type { Labels } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";

/** The rules that each series of a job goes through once, when it is first seen. */
export interface MetricRelabeling {
  /** Equal for equal rules. */
  readonly key: string;
  /** Undefined for a series that is dropped. */
  apply(labels: Labels): Labels | undefined;
}

export function metricRelabeling(rules: readonly RelabelRule[]): MetricRelabeling {
  if (rules.length === 0) return { key: "", apply: (labels) => labels };
  const compiled = rules.map(compileRule);
  return {
    key: JSON.stringify(rules),
    apply(labels) {
      const relabeled = relabel(compiled, labels);
      // A series that has lost all of its labels is no series; one without a name fails the scrape (checkLabels).
      return relabeled?.length === 0 ? undefined : relabeled;
    },
  };
}
