import fc from "fast-check";
import { labelsFrom } from "../../../src/signals/labels.ts";
import { type RelabelRule, relabelActions } from "../../../src/signals/relabel-rule.ts";

/** A rule with Prometheus' defaults for what is not given. */
export function rule(given: Partial<RelabelRule>): RelabelRule {
  return {
    action: "replace",
    source_labels: [],
    separator: ";",
    regex: "(.*)",
    modulus: 0,
    target_label: "",
    replacement: "$1",
    ...given,
  };
}

const name = fc.constantFrom("__name__", "a", "aa", "b", "ab", "c", "é", "😀");
const value = fc.constantFrom("", "a", "ab", "A;b", "b=a", "1", "É", "a\nb", "😀");
const regex = fc.constantFrom(
  "(.*)",
  "a",
  "a|b|__name__",
  "",
  "(?P<first>.)(.*)",
  "(a)?(b)?.*",
  "([^;=]*)[;=](.*)",
  "(?i)A.*",
  "a)|(b",
  "a*|(é)",
  "(?:(a)|b)+",
);
const template = fc.constantFrom(
  "$1",
  "",
  "x",
  "a",
  "$0",
  "${2}_$1",
  "$first",
  "${first}b",
  "$$",
  "$1a",
  "${",
  "$é",
  "$-$2",
  "é$1",
);

export const anyLabels = fc.dictionary(name, value, { maxKeys: 6 }).map(labelsFrom);

export const anyRule: fc.Arbitrary<RelabelRule> = fc.record({
  action: fc.constantFrom(...relabelActions),
  source_labels: fc.array(name, { maxLength: 3 }),
  separator: fc.constantFrom(";", "", "=", "::"),
  regex,
  modulus: fc.constantFrom(1, 2, 1_000),
  target_label: fc.oneof(
    name,
    template.filter((text) => text !== ""),
  ),
  replacement: template,
});
