import { type Labels, labelRecord } from "../../signals/labels.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { compileRule } from "./compile.ts";
import { LabelBuilder } from "./label-builder.ts";

/** What one rule did. */
export interface RelabelStep {
  /** Counts from one. */
  readonly rule: number;
  readonly action: string;
  /** The joined values that the rule looked at; not of rules that look at names. */
  readonly source?: string;
  /** Labels that it gave a value, or another one. */
  readonly set?: Readonly<Record<string, string>>;
  readonly deleted?: readonly string[];
  /** It ended here. */
  readonly dropped?: true;
}

/** As `relabel` does it, and what each rule did; a rule that changed nothing says so by saying nothing. */
export function relabelInSteps(
  rules: readonly RelabelRule[],
  labels: Labels,
): { readonly labels: Labels | undefined; readonly steps: readonly RelabelStep[] } {
  const builder = new LabelBuilder(labels);
  const steps: RelabelStep[] = [];
  let before = labels;
  for (const [index, rule] of rules.entries()) {
    const source = sourceOf(rule, builder);
    const isKept = compileRule(rule)(builder);
    const step = { rule: index + 1, action: rule.action, ...source };
    if (!isKept) return { labels: undefined, steps: [...steps, { ...step, dropped: true }] };
    const after = builder.labels();
    steps.push({ ...step, ...changes(before, after) });
    before = after;
  }
  return { labels: before, steps };
}

function sourceOf({ action, source_labels, separator }: RelabelRule, labels: LabelBuilder): { source?: string } {
  if (action === "labelmap" || action === "labeldrop" || action === "labelkeep") return {};
  return { source: source_labels.map((name) => labels.get(name)).join(separator) };
}

function changes(before: Labels, after: Labels): Pick<RelabelStep, "set" | "deleted"> {
  const [old, now] = [labelRecord(before), labelRecord(after)];
  const set = Object.entries(now).filter(([name, value]) => old[name] !== value);
  const deleted = Object.keys(old).filter((name) => now[name] === undefined);
  return {
    ...(set.length > 0 && { set: Object.fromEntries(set) }),
    ...(deleted.length > 0 && { deleted }),
  };
}
