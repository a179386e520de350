import { expect, test } from "vitest";
import { discoveryRelabel } from "../../../src/components/discovery/relabel.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { Receiver, Signal } from "../../../src/signals/receiver.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { harness } from "../../support/component-harness.ts";

const rules = [
  { source_labels: ["env"], regex: "prod", action: "keep" },
  { source_labels: ["__address__"], regex: "([^:]+):.*", target_label: "instance" },
];

function group(source: string, ...targets: Record<string, string>[]): TargetGroup {
  return { source, targets: targets.map((labels) => ({ labels: labelsFrom(labels) })) };
}

function recorder(): { sets: (readonly TargetGroup[])[]; output: Receiver<Signal> } {
  const sets: (readonly TargetGroup[])[] = [];
  return {
    sets,
    output: {
      async receive(groups) {
        sets.push(groups as readonly TargetGroup[]);
      },
    },
  };
}

test("targets are rewritten and dropped, groups keep their source, even when nothing is left of them", async () => {
  const { sets, output } = recorder();
  const { running } = harness(discoveryRelabel, { rules }, output);
  await running.input?.receive([
    group("a", { __address__: "one:80", env: "prod" }, { __address__: "two:80", env: "qa" }),
    group("b", { __address__: "three:80" }),
  ]);
  expect(sets).toEqual([[group("a", { __address__: "one:80", env: "prod", instance: "one" }), group("b")]]);
  expect(running.debug?.()).toEqual({ received: 3, kept: 1, dropped: 2 });
});

test("an empty set is passed on, so that what was there before goes away", async () => {
  const { sets, output } = recorder();
  const { running } = harness(discoveryRelabel, { rules }, output);
  await running.input?.receive([]);
  expect(sets).toEqual([[]]);
});

test("a target of this process keeps its gather", async () => {
  const { sets, output } = recorder();
  const { running } = harness(discoveryRelabel, { rules: [{ target_label: "job", replacement: "node" }] }, output);
  const gather = () => Promise.resolve([]);
  await running.input?.receive([{ source: "a", targets: [{ labels: labelsFrom({ __address__: "vm" }), gather }] }]);
  expect(sets[0]?.[0]?.targets).toEqual([{ labels: labelsFrom({ __address__: "vm", job: "node" }), gather }]);
});

test("what the receiver says is what the sender hears", async () => {
  const refusal = new Error("no");
  const { running } = harness(discoveryRelabel, { rules }, { receive: () => Promise.reject(refusal) });
  await expect(running.input?.receive([])).rejects.toBe(refusal);
});

test("the targets that a rule drops are listed with the rule, as many as a list may hold", async () => {
  const { output } = recorder();
  const { running } = harness(discoveryRelabel, { rules }, output);
  expect(running.targets?.()).toEqual({ active: [], dropped: [], droppedCount: 0 });
  await running.input?.receive([
    group("a", { __address__: "one:80", env: "prod" }, { __address__: "two:80", env: "qa" }),
  ]);
  expect(running.targets?.()).toEqual({
    active: [],
    dropped: [
      {
        discoveredLabels: { __address__: "two:80", env: "qa" },
        reason: 'rule 1 drops it: { source_labels: [env], regex: "prod", action: keep }',
      },
    ],
    droppedCount: 1,
  });

  await running.input?.receive([group("a", ...Array.from({ length: 1002 }, (_, n) => ({ __address__: `t${n}:1` })))]);
  const { dropped = [], droppedCount } = running.targets?.() ?? {};
  expect([dropped.length, droppedCount]).toEqual([1000, 1002]);
});

test("the rule that drops a target sees what the rules before it have made of the labels", async () => {
  const { output } = recorder();
  const equal = [
    { source_labels: ["env"], target_label: "stage" },
    { source_labels: ["stage"], target_label: "wanted", action: "keepequal" },
  ];
  const { running } = harness(discoveryRelabel, { rules: equal }, output);
  await running.input?.receive([group("a", { __address__: "one:80", env: "qa", wanted: "prod" })]);
  expect(running.targets?.()?.dropped.map(({ reason }) => reason)).toEqual([
    "rule 2 drops it: { source_labels: [stage], target_label: wanted, action: keepequal }",
  ]);
});

test("targets of its own are handed on at the start, and stay when others come", async () => {
  const { sets, output } = recorder();
  const static_configs = [{ targets: ["own:1"], labels: { env: "prod" } }];
  const { running } = harness(discoveryRelabel, { rules, static_configs }, output);
  const stop = new AbortController();
  const ended = running.run?.(stop.signal);
  await running.input?.receive([group("a", { __address__: "one:80", env: "prod" })]);
  stop.abort();
  await ended;
  const own = group("static_configs", { __address__: "own:1", env: "prod", instance: "own" });
  expect(sets).toEqual([[own], [group("a", { __address__: "one:80", env: "prod", instance: "one" }), own]]);
});
