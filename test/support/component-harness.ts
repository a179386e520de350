import type { Component, Context, Health, MetricSpecs, RunningComponent } from "../../src/component.ts";
import { CustomMetrics } from "../../src/signals/custom-metrics.ts";
import type { Receiver, Signal } from "../../src/signals/receiver.ts";
import { FakeClock } from "./fake-clock.ts";
import { fakeWorld, type LogLine, recordingLogger } from "./graph-fixtures.ts";

export interface Harness {
  readonly running: RunningComponent;
  readonly clock: FakeClock;
  readonly logs: readonly LogLine[];
  /** `name` or `name{label="value"}` of the spec's keys, to the sum of a counter or the last value of a gauge. */
  readonly metrics: Readonly<Record<string, number>>;
  health(): { readonly state: Health; readonly reason?: string };
}

/** One component by itself, its config as a user writes it. `onHealth` is called whenever the component sets it. */
export function harness(
  component: Component,
  config: unknown,
  output: Receiver<Signal>,
  {
    configDir = "/nowhere",
    dataDir = "/nowhere",
    onHealth = () => {},
  }: { configDir?: string; dataDir?: string; onHealth?: () => void } = {},
): Harness {
  const clock = new FakeClock();
  const logs: LogLine[] = [];
  const metrics: Record<string, number> = {};
  let health: { state: Health; reason?: string } = { state: "unknown" };
  const context: Context<Signal, MetricSpecs> = {
    id: `${component.type}.test`,
    output,
    metrics: recordingMeters(component.metrics ?? {}, metrics, clock) as Context<Signal, MetricSpecs>["metrics"],
    log: recordingLogger(logs),
    dataDir,
    configDir,
    world: fakeWorld(clock),
    setHealth(state, reason) {
      health = reason === undefined ? { state } : { state, reason };
      onHealth();
    },
  };
  const running = component.create(component.config.parse(config), context);
  return { running, clock, logs, metrics, health: () => health };
}

function recordingMeters(
  specs: MetricSpecs,
  metrics: Record<string, number>,
  clock: FakeClock,
): Record<string, object> {
  const custom = new CustomMetrics(() => clock.monotonic());
  const meters = Object.entries(specs).map(([name, { kind }]) => [
    name,
    kind === "custom" ? custom : recordingMeter(name, metrics),
  ]);
  return Object.fromEntries(meters);
}

type MeterArguments = [labels?: Record<string, string> | number, value?: number];

function recordingMeter(name: string, metrics: Record<string, number>): object {
  function key(labels: MeterArguments[0]): string {
    if (typeof labels !== "object") return name;
    return `${name}{${Object.entries(labels).map(([label, value]) => `${label}="${value}"`)}}`;
  }
  return {
    inc(...[labels, value]: MeterArguments) {
      const amount = typeof labels === "number" ? labels : (value ?? 1);
      metrics[key(labels)] = (metrics[key(labels)] ?? 0) + amount;
    },
    set(...[labels, value]: MeterArguments) {
      metrics[key(labels)] = typeof labels === "number" ? labels : (value ?? 0);
    },
    remove(labels: Record<string, string>) {
      delete metrics[key(labels)];
    },
    observe(...[labels, value]: MeterArguments) {
      metrics[key(labels)] = typeof labels === "number" ? labels : (value ?? 0);
    },
  };
}
