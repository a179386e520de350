import { expect, test } from "vitest";
import { type Component, ConfigError, type Context, type MetricSpecs } from "../../src/component.ts";
import { Graph } from "../../src/graph/graph.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import type { NativeHistogram } from "../../src/signals/native-histogram.ts";
import type { Receiver, Signal } from "../../src/signals/receiver.ts";
import type { TargetGroup } from "../../src/signals/targets.ts";
import {
  fakeComponent,
  fakeConfig,
  fakePlan,
  fakeSurroundings,
  type LogLine,
  metricBatch,
  recordingLogger,
} from "../support/graph-fixtures.ts";

function targetsNamed(...names: string[]): TargetGroup[] {
  return [{ source: "s", targets: names.map((name) => ({ labels: labelsFrom({ __address__: name }) })) }];
}

/** Writes down what happens to components, and keeps their outputs at hand. */
function stage() {
  const events: string[] = [];
  const outputs = new Map<string, Receiver<Signal>>();
  const contexts = new Map<string, Context<Signal, MetricSpecs>>();
  const lines: LogLine[] = [];
  const surroundings = fakeSurroundings(lines);

  function component(type: string, wiring: Pick<Component, "accepts" | "emits">, more: object = {}): Component {
    return fakeComponent(type, wiring, (config, context) => {
      outputs.set(context.id, context.output);
      contexts.set(context.id, context);
      return {
        async run(stop) {
          events.push(`start ${context.id}`);
          await new Promise((resolve) => stop.addEventListener("abort", resolve, { once: true }));
          events.push(`stop ${context.id}`);
        },
        ...(wiring.accepts === undefined
          ? {}
          : { input: { receive: async (batch) => void events.push(`${context.id} got ${describe(batch)}`) } }),
        debug: () => ({ config }),
        ...more,
      };
    });
  }
  const graph = new Graph(surroundings, recordingLogger(lines));
  const take = () => events.splice(0);
  return { graph, component, outputs, contexts, take, lines, clock: surroundings.clock };
}

function describe(batch: unknown): string {
  if (!Array.isArray(batch)) return `${(batch as { length: number }).length} samples`;
  return (
    (batch as TargetGroup[]).flatMap(({ targets }) => targets.map(({ labels }) => labels[1])).join(",") || "no targets"
  );
}

test("starts sinks first and stops sources first", async () => {
  const { graph, component, take } = stage();
  const source = fakeConfig(component("a.source", { emits: "metrics" }));
  const middle = fakeConfig(component("a.middle", { accepts: "metrics", emits: "metrics" }));
  const sink = fakeConfig(component("a.sink", { accepts: "metrics" }));
  await graph.apply(fakePlan([source, middle, sink], { [source.id]: [middle.id], [middle.id]: [sink.id] }));
  expect(take()).toEqual(["start a.sink.x", "start a.middle.x", "start a.source.x"]);
  await graph.stop();
  expect(take()).toEqual(["stop a.source.x", "stop a.middle.x", "stop a.sink.x"]);
});

test("a batch reaches every receiver before anything is awaited, and one that fails does not keep it from the others", async () => {
  const { graph, component, outputs, take } = stage();
  const source = fakeConfig(component("a.source", { emits: "metrics" }));
  const bad = fakeConfig(
    component("a.bad", { accepts: "metrics" }, { input: { receive: () => Promise.reject(new Error("full")) } }),
  );
  const good = fakeConfig(component("a.good", { accepts: "metrics" }));
  await graph.apply(fakePlan([source, bad, good], { [source.id]: [bad.id, good.id] }));
  take();

  const acknowledged = outputs.get(source.id)?.receive(metricBatch([1, 2, 3]));
  expect(take()).toEqual(["a.good.x got 3 samples"]);
  await expect(acknowledged).rejects.toThrow("full");
  const [toBad, toGood] = graph.edges();
  expect(toBad).toMatchObject({ to: bad.id, batches: 1, records: 3, dropped: { receiver_failed: 3 } });
  expect(toGood).toMatchObject({ to: good.id, batches: 1, records: 3, dropped: {} });
  await graph.stop();
});

test("a native histogram is a record like any sample; an exemplar belongs to one", async () => {
  const { graph, component, outputs } = stage();
  const source = fakeConfig(component("a.source", { emits: "metrics" }));
  const sink = fakeConfig(component("a.sink", { accepts: "metrics" }));
  await graph.apply(fakePlan([source, sink], { [source.id]: [sink.id] }));
  const histogram: NativeHistogram = {
    kind: "float",
    schema: 0,
    zeroThreshold: 0,
    sum: 0,
    count: 0,
    zeroCount: 0,
    positiveSpans: [],
    negativeSpans: [],
    positiveCounts: [],
    negativeCounts: [],
    isGauge: false,
  };
  await outputs.get(source.id)?.receive({
    ...metricBatch([1, 2]),
    histograms: [{ id: 0, histogram, timestamp: 0 }],
    exemplars: [{ id: 0, labels: [], value: 0, timestamp: 0 }],
  });
  expect(graph.edges()).toMatchObject([{ batches: 1, records: 3 }]);
  await graph.stop();
});

test("a receiver of targets sees the union of what its senders sent last, and a later one is told at once", async () => {
  const { graph, component, outputs, take } = stage();
  const one = fakeConfig(component("a.one", { emits: "targets" }));
  const two = fakeConfig(component("a.two", { emits: "targets" }));
  const first = fakeConfig(component("a.first", { accepts: "targets" }));
  const later = fakeConfig(component("a.later", { accepts: "targets" }));
  await graph.apply(fakePlan([one, two, first], { [one.id]: [first.id], [two.id]: [first.id] }));
  await outputs.get(one.id)?.receive(targetsNamed("h1", "h2"));
  await outputs.get(two.id)?.receive(targetsNamed("h3"));
  await outputs.get(one.id)?.receive(targetsNamed("h2"));
  expect(take().slice(3)).toEqual(["a.first.x got h1,h2", "a.first.x got h1,h2,h3", "a.first.x got h2,h3"]);

  await graph.apply(fakePlan([one, two, first, later], { [one.id]: [first.id, later.id], [two.id]: [first.id] }));
  expect(take()).toEqual(["a.later.x got h2", "start a.later.x"]);

  await graph.apply(fakePlan([one, first], { [one.id]: [first.id] }));
  expect(take()).toEqual(["a.first.x got h2", "stop a.two.x", "stop a.later.x"]);
  await graph.stop();
});

test("a reload leaves unchanged components alone and keeps the edges' counts", async () => {
  const { graph, component, outputs, take } = stage();
  const source = component("a.source", { emits: "metrics" });
  const sink = component("a.sink", { accepts: "metrics" });
  const wires = { "a.source.x": ["a.sink.x"] };
  await graph.apply(fakePlan([fakeConfig(source), fakeConfig(sink)], wires));
  await outputs.get("a.source.x")?.receive(metricBatch([1]));
  take();
  expect(await graph.apply(fakePlan([fakeConfig(source), fakeConfig(sink)], wires))).toMatchObject({ ok: true });
  expect(take()).toEqual([]);
  expect(graph.edges()).toMatchObject([{ batches: 1, records: 1 }]);

  const rewired = { ...fakeConfig(source, "x", { forward_to: [] }), shown: { forward_to: [] } };
  await graph.apply(fakePlan([rewired, fakeConfig(sink)]));
  expect(take()).toEqual([]);
  expect(graph.edges()).toEqual([]);
  expect(graph.component("a.source.x")?.config).toEqual({ forward_to: [] });
  await graph.stop();
});

test("a changed component is restarted, and what it offered last holds until it offers anew", async () => {
  const { graph, component, outputs, take } = stage();
  const discovery = component("a.discovery", { emits: "targets" });
  const scrape = component("a.scrape", { accepts: "targets" });
  const wires = { "a.discovery.x": ["a.scrape.x"] };
  await graph.apply(fakePlan([fakeConfig(discovery), fakeConfig(scrape)], wires));
  await outputs.get("a.discovery.x")?.receive(targetsNamed("h1"));
  take();
  await graph.apply(fakePlan([fakeConfig(discovery, "x", { changed: true }), fakeConfig(scrape)], wires));
  expect(take()).toEqual(["stop a.discovery.x", "start a.discovery.x"]);
  await outputs.get("a.discovery.x")?.receive(targetsNamed("h2"));
  expect(take()).toEqual(["a.scrape.x got h2"]);
  await graph.stop();
});

test("a changed component that can update is not restarted", async () => {
  const { graph, component, take } = stage();
  const updates: unknown[] = [];
  const sink = component("a.sink", { accepts: "metrics" }, { update: (config: unknown) => updates.push(config) });
  await graph.apply(fakePlan([fakeConfig(sink, "x", { n: 1 })]));
  await graph.apply(fakePlan([fakeConfig(sink, "x", { n: 2 })]));
  expect(updates).toEqual([{ n: 2 }]);
  expect(take()).toEqual(["start a.sink.x"]);
  await graph.stop();
});

test("a reload that one component refuses changes nothing at all", async () => {
  const { graph, component, outputs, take } = stage();
  const source = component("a.source", { emits: "metrics" });
  const sink = component("a.sink", { accepts: "metrics" });
  const picky = fakeComponent("a.picky", {}, () => {
    throw new ConfigError("cannot work like that");
  });
  await graph.apply(fakePlan([fakeConfig(source), fakeConfig(sink)], { "a.source.x": ["a.sink.x"] }));
  const output = outputs.get("a.source.x");
  take();

  const result = await graph.apply(fakePlan([fakeConfig(source, "x", { changed: 1 }), fakeConfig(picky)]));
  expect(result).toMatchObject({ ok: false, diagnostics: [{ message: "a.picky.x: cannot work like that" }] });
  expect(take()).toEqual([]);
  expect(graph.components().map(({ id }) => id)).toEqual(["a.source.x", "a.sink.x"]);
  await output?.receive(metricBatch([1]));
  expect(take()).toEqual(["a.sink.x got 1 samples"]);
  await graph.stop();
});

test("a component that fails is restarted with backoff, and its targets are handed in again", async () => {
  const { graph, component, contexts, outputs, take, clock, lines } = stage();
  let failures = 2;
  const source = fakeConfig(component("a.source", { emits: "targets" }));
  const flaky = fakeConfig(
    component(
      "a.flaky",
      { accepts: "targets" },
      {
        run: (stop: AbortSignal) => {
          if (failures-- > 0) return Promise.reject(new Error("socket closed"));
          return new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
        },
      },
    ),
  );
  await graph.apply(fakePlan([source, flaky], { [source.id]: [flaky.id] }));
  await outputs.get(source.id)?.receive(targetsNamed("h1"));
  await clock.advance(0);
  expect(graph.component(flaky.id)).toMatchObject({
    health: { state: "exited", reason: "socket closed; restarting in 1s" },
    restarts: 0,
  });
  await expect(outputs.get(source.id)?.receive(targetsNamed("h2"))).rejects.toThrow("a.flaky.x is not running");
  take();

  await clock.advance(1000);
  expect(take()).toEqual(["a.flaky.x got h2"]);
  expect(graph.component(flaky.id)).toMatchObject({
    health: { reason: "socket closed; restarting in 2s" },
    restarts: 1,
  });
  await clock.advance(2000);
  expect(graph.component(flaky.id)).toMatchObject({ health: { state: "healthy", reason: "" }, restarts: 2 });
  expect(lines.filter(({ level }) => level === "error").map(({ fields }) => fields.reason)).toEqual([
    "socket closed",
    "socket closed",
  ]);

  contexts.get(flaky.id)?.setHealth("unhealthy", "the receiver answers 500");
  expect(graph.component(flaky.id)).toMatchObject({
    health: { state: "unhealthy", reason: "the receiver answers 500" },
  });
  await graph.stop();
});

test("stopping goes on without a component that does not stop before the deadline", async () => {
  const { graph, component, take, clock, lines } = stage();
  const stuck = fakeConfig(component("a.stuck", { emits: "metrics" }, { run: () => new Promise<void>(() => {}) }));
  const sink = fakeConfig(component("a.sink", { accepts: "metrics" }));
  await graph.apply(fakePlan([stuck, sink], { [stuck.id]: [sink.id] }));
  take();
  const stopped = graph.stop();
  await clock.advance(15_000);
  await stopped;
  expect(take()).toEqual(["stop a.sink.x"]);
  expect(lines).toContainEqual({
    level: "warn",
    message: "component did not stop in time; going on without it",
    fields: { component: "a.stuck.x" },
  });
});

test("a component shows its config as it was written, its edges with rates, and what it says of itself", async () => {
  const { graph, component, outputs, clock } = stage();
  const source = fakeConfig(component("a.source", { emits: "metrics" }));
  const sink = fakeConfig(component("a.sink", { accepts: "metrics" }), "x", { password: "<secret>" });
  await graph.apply(fakePlan([source, sink], { [source.id]: [sink.id] }));
  await clock.advance(10_000);
  await outputs.get(source.id)?.receive(metricBatch([1, 2, 3, 4]));
  expect(graph.component(sink.id)).toEqual({
    id: "a.sink.x",
    type: "a.sink",
    health: { state: "healthy", reason: "", since: Date.UTC(2026, 0, 1) },
    restarts: 0,
    config: { password: "<secret>" },
    inputs: [{ from: "a.source.x", to: "a.sink.x", signal: "metrics", batches: 1, records: 4, rate: 0.4, dropped: {} }],
    outputs: [],
    debug: { config: { password: "<secret>" } },
  });
  expect(graph.component("a.nobody.x")).toBeUndefined();
  await graph.stop();
});

test("components that know of targets show them, in the order data flows", async () => {
  const { graph, component } = stage();
  const view = { active: [], dropped: [{ discoveredLabels: { a: "b" }, reason: "no" }], droppedCount: 1 };
  const source = fakeConfig(component("s.s", { emits: "targets" }, { targets: () => view }));
  const sink = fakeConfig(component("k.k", { accepts: "targets" }));
  await graph.apply(fakePlan([source, sink], { "s.s.x": ["k.k.x"] }));
  expect(graph.targets()).toEqual([{ id: "s.s.x", ...view }]);
  await graph.stop();
});
