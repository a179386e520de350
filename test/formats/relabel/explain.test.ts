import fc from "fast-check";
import { expect, test } from "vitest";
import { relabelInSteps } from "../../../src/formats/relabel/explain.ts";
import { labelRecord, labelsFrom } from "../../../src/signals/labels.ts";
import { relabelSlowly } from "../../reference/relabel.ts";
import { anyLabels, anyRule, rule } from "./rules.ts";

test("each rule tells what it looked at, what it set, what it deleted, and where the set ended", () => {
  const rules = [
    rule({ source_labels: ["a", "b"], regex: "(1);.*", target_label: "c", replacement: "x$1" }),
    rule({ source_labels: ["a"], regex: "none", target_label: "c" }),
    rule({ action: "labeldrop", regex: "a|b" }),
    rule({ action: "drop", source_labels: ["c"], regex: "x1" }),
    rule({ target_label: "never" }),
  ];
  expect(relabelInSteps(rules, labelsFrom({ a: "1", b: "2" }))).toEqual({
    labels: undefined,
    steps: [
      { rule: 1, action: "replace", source: "1;2", set: { c: "x1" } },
      { rule: 2, action: "replace", source: "1" },
      { rule: 3, action: "labeldrop", deleted: ["a", "b"] },
      { rule: 4, action: "drop", source: "x1", dropped: true },
    ],
  });
});

test("the steps lead from the labels to the result, and the result is that of the twin", () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 5 }), anyLabels, (rules, before) => {
      const { labels, steps } = relabelInSteps(rules, before);
      expect(labels).toEqual(relabelSlowly(rules, before));
      const walked = labelRecord(before);
      for (const { set, deleted = [] } of steps) {
        Object.assign(walked, set);
        for (const name of deleted) delete walked[name];
      }
      expect(steps.at(-1)?.dropped).toBe(labels === undefined ? true : undefined);
      if (labels !== undefined) expect(labelsFrom(walked)).toEqual(labels);
    }),
    { numRuns: 2_000 },
  );
});
