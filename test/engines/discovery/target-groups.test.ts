import { expect, test } from "vitest";
import { parseTargetGroups, targetLabels } from "../../../src/engines/discovery/target-groups.ts";
import { formatLabels } from "../../../src/signals/labels.ts";

test("a group is targets and labels, either of which may be left out", () => {
  function f(list: unknown, ...want: ReturnType<typeof parseTargetGroups>) {
    expect(parseTargetGroups(list)).toEqual(want);
  }
  f(null);
  f([]);
  f([{ targets: ["a:1", "b:2"], labels: { env: "prod" } }], { addresses: ["a:1", "b:2"], labels: { env: "prod" } });
  f([{ targets: ["a:1"] }, { labels: {} }], { addresses: ["a:1"], labels: {} }, { addresses: [], labels: {} });
  f([{ targets: null, labels: null }], { addresses: [], labels: {} });
});

test("what is no list of groups is refused with its place", () => {
  function f(list: unknown, want: string) {
    expect(() => parseTargetGroups(list)).toThrow(new Error(want));
  }
  f({ targets: [] }, "expected a list of target groups, found a mapping");
  f("a:1", "expected a list of target groups, found a string");
  f([{}, null], "group 2: expected a mapping, found nothing");
  f([["a:1"]], "group 1: expected a mapping, found a list");
  f([{ target: ["a:1"] }], 'group 1: unknown key "target"; a group has targets and labels');
  f([{ targets: "a:1" }], "group 1: targets: expected a list, found a string");
  f([{ targets: ["a:1", null] }], "group 1: target 2: expected text, found nothing");
  f([{ labels: ["a"] }], "group 1: labels: expected a mapping, found a list");
  f([{ labels: { port: 80 } }], "group 1: labels: port: expected text, found a number");
  f([{ labels: { "": "a" } }], "group 1: labels: a label name cannot be empty");
});

test("each address is a target with the labels of its group, which do not overrule what is known of it", () => {
  const group = { addresses: ["a:1", "b:2"], labels: { env: "prod", none: "", __address__: "x", __meta_url: "x" } };
  expect(targetLabels(group, { __meta_url: "u" }).map(formatLabels)).toEqual([
    '{__address__="a:1", __meta_url="u", env="prod"}',
    '{__address__="b:2", __meta_url="u", env="prod"}',
  ]);
});
