import type { Component } from "../component.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import type { Environment } from "../config/interpolate.ts";
import { Graph } from "../graph/graph.ts";
import { planGraph } from "../graph/plan.ts";
import { systemClock } from "../lib/clock.ts";
import { loadAnyConfig } from "./load.ts";
import { Log } from "./log.ts";
import { ComponentMetrics } from "./self-metrics.ts";

/** Everything `run` would refuse, found without opening anything. */
export function checkConfig(
  path: string,
  manifest: readonly Component[],
  environment: Environment,
  bypassErrors = false,
): { diagnostics: readonly Diagnostic[]; components: number } {
  const loaded = loadAnyConfig(path, manifest, environment, bypassErrors);
  if (!loaded.ok) return { diagnostics: loaded.diagnostics, components: 0 };
  const planned = planGraph(loaded.config);
  if (!planned.ok) return { diagnostics: planned.diagnostics, components: 0 };
  return { diagnostics: idleGraph().check(planned.plan), components: planned.plan.components.length };
}

/** A graph that builds components and never starts one. */
function idleGraph(): Graph {
  const log = new Log(() => undefined, systemClock).logger();
  const meters = new ComponentMetrics(() => 0);
  const world = {
    clock: systemClock,
    random: Math.random,
    hostname: "localhost",
    gatherSelf: () => Promise.resolve([]),
    shutdownTimeoutMs: 0,
  };
  const surroundings = {
    world,
    logger: () => log,
    meters: (id: string, component: Component) => meters.meters(id, component),
    dataDir: (id: string) => id,
  };
  return new Graph(surroundings, log);
}
