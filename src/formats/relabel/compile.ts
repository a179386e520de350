import { lowercase, uppercase } from "../../lib/case-mapping.ts";
import { bug } from "../../lib/errors.ts";
import { compileAnchored, type Re2, replaceAll } from "../../lib/re2.ts";
import { compileExpand } from "../../lib/re2-expand.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { hashmod } from "./hashmod.ts";
import type { LabelBuilder } from "./label-builder.ts";

/** A rule at work: changes the labels, and says whether the set is kept. */
export type CompiledRule = (labels: LabelBuilder) => boolean;

/** The actions of Prometheus 3.5, `relabel.relabel` in its model/relabel package. */
export function compileRule(rule: RelabelRule): CompiledRule {
  const { target_label: target } = rule;
  const source = sourceValue(rule);
  switch (rule.action) {
    case "replace":
      return replace(rule);
    case "keep":
      return filter(rule, true);
    case "drop":
      return filter(rule, false);
    case "keepequal":
      return (labels) => labels.get(target) === source(labels);
    case "dropequal":
      return (labels) => labels.get(target) !== source(labels);
    case "hashmod":
      return change((labels) => labels.set(target, hashmod(source(labels), rule.modulus)));
    case "lowercase":
      return change((labels) => labels.set(target, lowercase(source(labels))));
    case "uppercase":
      return change((labels) => labels.set(target, uppercase(source(labels))));
    case "labelmap":
      return labelmap(rule);
    case "labeldrop":
      return filterNames(rule, (matches) => !matches);
    case "labelkeep":
      return filterNames(rule, (matches) => matches);
    default:
      throw bug(`no relabel action ${rule.action satisfies never}`);
  }
}

/** Whether a rule can give a label set other labels, and so make two series the same. */
export function changesLabels({ action }: RelabelRule): boolean {
  return action !== "keep" && action !== "drop" && action !== "keepequal" && action !== "dropequal";
}

function change(apply: (labels: LabelBuilder) => void): CompiledRule {
  return (labels) => {
    apply(labels);
    return true;
  };
}

/** The values of the source labels, joined; an absent label counts as empty. */
function sourceValue({ source_labels: names, separator }: RelabelRule): (labels: LabelBuilder) => string {
  const [first] = names;
  if (first === undefined) return () => "";
  if (names.length === 1) return (labels) => labels.get(first);
  return (labels) => names.map((name) => labels.get(name)).join(separator);
}

function replace(rule: RelabelRule): CompiledRule {
  const regex = compileAnchored(rule.regex);
  const source = sourceValue(rule);
  const target = compileExpand(rule.target_label, regex);
  const replacement = compileExpand(rule.replacement, regex);
  return change((labels) => {
    const value = source(labels);
    const match = regex.find(value);
    if (match === undefined) return;
    const name = target(value, match);
    if (name !== "") labels.set(name, replacement(value, match));
  });
}

function filter(rule: RelabelRule, keepsMatching: boolean): CompiledRule {
  const regex = compileAnchored(rule.regex);
  const source = sourceValue(rule);
  return (labels) => regex.test(source(labels)) === keepsMatching;
}

function labelmap(rule: RelabelRule): CompiledRule {
  const regex = compileAnchored(rule.regex);
  const replacement = compileExpand(rule.replacement, regex);
  return change((labels) => {
    forEachLabel(labels, (name, value) => {
      if (regex.test(name)) labels.set(rename(name, regex), value);
    });
  });

  function rename(name: string, regex: Re2): string {
    return replaceAll(regex, name, (spans) => replacement(name, spans));
  }
}

function filterNames(rule: RelabelRule, isKept: (matches: boolean) => boolean): CompiledRule {
  const regex = compileAnchored(rule.regex);
  return change((labels) => {
    forEachLabel(labels, (name) => {
      if (!isKept(regex.test(name))) labels.delete(name);
    });
  });
}

function forEachLabel(labels: LabelBuilder, visit: (name: string, value: string) => void): void {
  const entries = labels.entries();
  for (let at = 0; at < entries.length; at += 2) visit(entries[at]!, entries[at + 1]!);
}
