import { z } from "zod";
import {
  type Component,
  type Context,
  defineComponent,
  type MetricSpecs,
  type RunningComponent,
  type World,
} from "../../src/component.ts";
import type { ComponentConfig } from "../../src/config/loaded.ts";
import type { Surroundings } from "../../src/graph/node.ts";
import type { Plan } from "../../src/graph/plan.ts";
import type { Clock } from "../../src/lib/clock.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { labelsFrom } from "../../src/signals/labels.ts";
import type { MetricBatch } from "../../src/signals/metric-batch.ts";
import type { Signal } from "../../src/signals/receiver.ts";
import { SeriesTable } from "../../src/signals/series-table.ts";
import { FakeClock } from "./fake-clock.ts";

type Create = (config: unknown, context: Context<Signal, MetricSpecs>) => RunningComponent;

/** A component made of the parts a test cares about. */
export function fakeComponent(type: string, wiring: Pick<Component, "accepts" | "emits">, create: Create): Component {
  const spec = { type, summary: type, ...wiring, config: z.any(), example: "", create };
  return defineComponent(spec as never);
}

export function fakeConfig(component: Component, label = "x", input: unknown = {}): ComponentConfig {
  const id = `${component.type}.${label}`;
  const place = { file: "test.yaml", line: 1, column: 1, length: id.length, lines: [id] };
  return {
    id,
    component,
    config: input,
    input,
    shown: input,
    targets: [],
    forwardTo: [],
    place,
    configDir: "/etc/sonde",
  };
}

/** `edges`: from id to the ids of its receivers. The configs are in the order data flows. */
export function fakePlan(components: readonly ComponentConfig[], edges: Record<string, readonly string[]> = {}): Plan {
  return { components, receivers: new Map(components.map(({ id }) => [id, edges[id] ?? []])) };
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLogger(lines: LogLine[]): Logger {
  const emit =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  return { debug: emit("debug"), info: emit("info"), warn: emit("warn"), error: emit("error") };
}

export function fakeWorld(clock: Clock): World {
  return {
    clock,
    random: () => 0.5,
    hostname: "vm",
    gatherSelf: () => Promise.resolve([]),
    shutdownTimeoutMs: 15_000,
  };
}

export function fakeSurroundings(lines: LogLine[] = []): Surroundings & { readonly clock: FakeClock } {
  const clock = new FakeClock();
  return {
    clock,
    world: fakeWorld(clock),
    logger: () => recordingLogger(lines),
    meters: () => ({}),
    dataDir: (id) => `/nowhere/${id}`,
  };
}

/** A batch of samples of one metric, each with the label `n`. */
export function metricBatch(values: readonly number[], staleFrom: number = values.length): MetricBatch {
  const series = new SeriesTable();
  const ids = Uint32Array.from(values, (_, n) => series.add(labelsFrom({ __name__: "m", n: String(n) })));
  const timestamps = Float64Array.from(values, () => 1000);
  return { series, layout: 1, ids, values: Float64Array.from(values), timestamps, length: values.length, staleFrom };
}
