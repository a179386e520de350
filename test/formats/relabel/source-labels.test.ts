import { expect, test } from "vitest";
import { sourceLabels } from "../../../src/formats/relabel/source-labels.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { RelabelRule } from "../../../src/signals/relabel-rule.ts";

function rule(given: Partial<RelabelRule>): RelabelRule {
  const defaults = {
    separator: ";",
    regex: "(.*)",
    modulus: 0,
    target_label: "",
    replacement: "$1",
    source_labels: [],
  };
  return { action: "replace", ...defaults, ...given };
}

test("the rules see all labels, and those that begin with __ are gone behind them, but for the tenant", () => {
  const labelsOf = sourceLabels([rule({ source_labels: ["__host"], target_label: "host" })]);
  expect(labelsOf(labelsFrom({ __host: "vm", __other: "1", __tenant_id__: "team", _x: "2" }))).toEqual(
    labelsFrom({ __tenant_id__: "team", _x: "2", host: "vm" }),
  );
});

test("what the rules drop, or leave no label, has none", () => {
  const labelsOf = sourceLabels([rule({ action: "drop", source_labels: ["app"], regex: "noise" })]);
  expect(labelsOf(labelsFrom({ app: "noise" }))).toBeUndefined();
  expect(labelsOf(labelsFrom({ __host: "vm" }))).toBeUndefined();
  expect(labelsOf(labelsFrom({ app: "web" }))).toEqual(["app", "web"]);
});
