import { expect, test } from "vitest";
import type { ComponentConfig } from "../../src/config/loaded.ts";
import { downstreamOf, planGraph } from "../../src/graph/plan.ts";
import { fakeComponent, fakeConfig, fakePlan } from "../support/graph-fixtures.ts";

const discovery = fakeComponent("discovery.x", { emits: "targets" }, () => ({}));
const relabel = fakeComponent("discovery.relabel", { accepts: "targets", emits: "targets" }, () => ({}));
const scrape = fakeComponent("prometheus.scrape", { accepts: "targets", emits: "metrics" }, () => ({}));
const write = fakeComponent("prometheus.write", { accepts: "metrics" }, () => ({}));

function wired(config: ComponentConfig, wiring: { targets?: string[]; forwardTo?: string[] }): ComponentConfig {
  const reference = (id: string, at: number) => ({ id, place: { ...config.place, line: 10 + at } });
  return {
    ...config,
    targets: wiring.targets?.map(reference) ?? [],
    forwardTo: wiring.forwardTo?.map(reference) ?? [],
  };
}

function plan(components: ComponentConfig[]) {
  return planGraph({ components, files: [], writeLogTo: [], settings: {} as never });
}

test("joins targets and forward_to into one set of arrows, in the order data flows", () => {
  const result = plan([
    fakeConfig(write, "w"),
    wired(fakeConfig(scrape, "s"), { targets: ["discovery.relabel.r"], forwardTo: ["prometheus.write.w"] }),
    wired(fakeConfig(relabel, "r"), { targets: ["discovery.x.d"] }),
    fakeConfig(discovery, "d"),
  ]);
  if (!result.ok) throw new Error("refused");
  expect(result.plan.components.map(({ id }) => id)).toEqual([
    "discovery.x.d",
    "discovery.relabel.r",
    "prometheus.scrape.s",
    "prometheus.write.w",
  ]);
  expect(Object.fromEntries(result.plan.receivers)).toEqual({
    "discovery.x.d": ["discovery.relabel.r"],
    "discovery.relabel.r": ["prometheus.scrape.s"],
    "prometheus.scrape.s": ["prometheus.write.w"],
    "prometheus.write.w": [],
  });
});

test("shows a cycle as a path, at the reference that closes it", () => {
  const result = plan([
    wired(fakeConfig(relabel, "a"), { targets: ["discovery.relabel.b"] }),
    wired(fakeConfig(relabel, "b"), { targets: ["discovery.x.d", "discovery.relabel.a"] }),
    fakeConfig(discovery, "d"),
  ]);
  if (result.ok) throw new Error("accepted");
  expect(result.diagnostics).toEqual([
    {
      severity: "error",
      message: "the components form a cycle: `discovery.relabel.b` -> `discovery.relabel.a` -> `discovery.relabel.b`",
      hint: "data must end in a component that sends to nobody, such as prometheus.remote_write",
      place: expect.objectContaining({ file: "test.yaml", line: 11, column: 1, length: 19 }),
    },
  ]);
});

test("downstream of components are they themselves and all that get their data", () => {
  const configs = ["a", "b", "c", "d"].map((label) => fakeConfig(write, label));
  const edges = {
    "prometheus.write.a": ["prometheus.write.b", "prometheus.write.c"],
    "prometheus.write.b": ["prometheus.write.c"],
    "prometheus.write.d": ["prometheus.write.a"],
  };
  expect([...downstreamOf(fakePlan(configs, edges), ["prometheus.write.b"])]).toEqual([
    "prometheus.write.b",
    "prometheus.write.c",
  ]);
  expect([...downstreamOf(fakePlan(configs, edges), [])]).toEqual([]);
});
