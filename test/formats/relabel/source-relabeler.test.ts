import { expect, test } from "vitest";
import { relabelRules } from "../../../src/config/fields/relabel-rule.ts";
import { SourceRelabeler } from "../../../src/formats/relabel/source-relabeler.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";

function relabeled(rules: object[], labels: Record<string, string>): string | undefined {
  const stream = new SourceRelabeler(relabelRules.parse(rules), ["job", "fallback"]).relabel(labelsFrom(labels));
  return stream && formatLabels(stream);
}

test("rules see internal labels, which end here, but for the tenant", () => {
  const rules = [{ source_labels: ["__a"], target_label: "a" }];
  expect(relabeled(rules, { __a: "1", b: "2" })).toBe('{a="1", b="2"}');
  expect(relabeled([], { __a: "1", b: "2", __tenant_id__: "t" })).toBe('{__tenant_id__="t", b="2"}');
  expect(relabeled([{ source_labels: ["__a"], regex: "1", action: "drop" }], { __a: "1", b: "2" })).toBeUndefined();
});

test("an entry without any visible label has those to fall back on", () => {
  expect(relabeled([], { __a: "1" })).toBe('{job="fallback"}');
  expect(relabeled([{ regex: "b", action: "labeldrop" }], { __a: "1", b: "2" })).toBe('{job="fallback"}');
});

test("equal sets give the very same labels, so that no set is held twice", () => {
  const relabeler = new SourceRelabeler([], []);
  const first = relabeler.relabel(labelsFrom({ __a: "1", b: "2" }));
  expect(relabeler.relabel(labelsFrom({ __a: "1", b: "2" }))).toBe(first);
});
