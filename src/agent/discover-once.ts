import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { World } from "../component.ts";
import type { ComponentConfig } from "../config/loaded.ts";
import type { Logger } from "../lib/logger.ts";
import { labelRecord } from "../signals/labels.ts";
import type { TargetGroup } from "../signals/targets.ts";
import { ComponentMetrics } from "./self-metrics.ts";

export interface Discovered {
  /** The label sets of the targets; undefined where none were found in time. */
  readonly targets: readonly Readonly<Record<string, string>>[] | undefined;
  /** What went wrong meanwhile. */
  readonly failure: string | undefined;
}

/**
 * Runs one component until it has handed on its first targets, or says that it cannot find them, or `timeoutMs` is over.
 * Targets that were saved are no answer here: its data folder is a new one, and goes afterwards.
 */
export async function discoverOnce(
  { id, component, config, configDir }: ComponentConfig,
  world: World,
  log: Logger,
  timeoutMs: number,
): Promise<Discovered> {
  const dataDir = await mkdtemp(join(tmpdir(), "sonde-discover-"));
  const stop = new AbortController();
  const cancel = world.clock.after(timeoutMs, () => stop.abort());
  let targets: Discovered["targets"];
  let failure: string | undefined;
  const output = {
    async receive(groups: unknown) {
      const found = (groups as readonly TargetGroup[]).flatMap((group) => group.targets);
      targets ??= found.map(({ labels }) => labelRecord(labels));
      stop.abort();
    },
  };
  const running = component.create(config, {
    id,
    output,
    metrics: new ComponentMetrics(() => 0).meters(id, component),
    log,
    dataDir,
    configDir,
    world,
    setHealth(health, reason) {
      if (health !== "unhealthy" || stop.signal.aborted) return;
      failure = reason;
      // What else was found is handed on right after this, if there is any.
      world.clock.after(settleMs, () => stop.abort());
    },
  });
  try {
    await running.run?.(stop.signal);
  } finally {
    cancel();
    await rm(dataDir, { recursive: true, force: true });
  }
  return { targets, failure };
}

const settleMs = 500;
