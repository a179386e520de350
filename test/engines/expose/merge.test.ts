import { expect, test } from "vitest";
import { mergeFamilies } from "../../../src/engines/expose/merge.ts";
import type { Labels } from "../../../src/signals/labels.ts";
import type { MetricFamily } from "../../../src/signals/metric-family.ts";

function gauge(name: string, help: string, ...rows: [labels: Labels, value: number][]): MetricFamily {
  return { name, help, type: "gauge", samples: rows.map(([labels, value]) => ({ name, labels, value })) };
}

test("families of several exporters stand side by side", () => {
  const [a, b] = [gauge("a", "A.", [[], 1]), gauge("b", "B.", [[], 2])];
  expect(mergeFamilies([[a], [b]])).toEqual({ families: [a, b], conflicts: [] });
});

test("a family of two exporters is one family with the series of both", () => {
  expect(mergeFamilies([[gauge("a", "A.", [["x", "1"], 1])], [gauge("a", "A.", [["x", "2"], 2])]])).toEqual({
    families: [gauge("a", "A.", [["x", "1"], 1], [["x", "2"], 2])],
    conflicts: [],
  });
});

test("of a series that comes twice the first value stays", () => {
  expect(mergeFamilies([[gauge("a", "A.", [["x", "1"], 1])], [gauge("a", "A.", [["x", "1"], 2])]])).toEqual({
    families: [gauge("a", "A.", [["x", "1"], 1])],
    conflicts: ['a{x="1"} was collected before'],
  });
});

test("a family with another help or type is left out", () => {
  const first = gauge("a", "A.", [[], 1]);
  expect(mergeFamilies([[first], [gauge("a", "Another.", [["x", "1"], 2])]])).toEqual({
    families: [first],
    conflicts: ['a has help "A." and also "Another."'],
  });
  expect(mergeFamilies([[first], [{ ...first, type: "counter" }]])).toEqual({
    families: [first],
    conflicts: ['a has type "gauge" and also "counter"'],
  });
});
