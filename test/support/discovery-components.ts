import { setTimeout as pause } from "node:timers/promises";
import type { Component } from "../../src/component.ts";
import { labelRecord } from "../../src/signals/labels.ts";
import type { Receiver, Signal } from "../../src/signals/receiver.ts";
import type { TargetGroup } from "../../src/signals/targets.ts";
import { harness } from "./component-harness.ts";
import { tempDir } from "./temp-dir.ts";

const limitMs = 20_000;

export type LabelRecord = Readonly<Record<string, string>>;

/** A discovery.* component at work. `await using` stops it. */
export function startDiscovery(component: Component, config: unknown) {
  const dir = tempDir();
  let groups: readonly TargetGroup[] = [];
  let sets = 0;
  const output: Receiver<Signal> = {
    async receive(batch) {
      groups = batch as readonly TargetGroup[];
      sets++;
    },
  };
  const parts = harness(component, config, output, { configDir: dir.path, dataDir: `${dir.path}/data` });
  const stop = new AbortController();
  const ended = parts.running.run?.(stop.signal);
  const targets = () => groups.flatMap((group) => group.targets.map(({ labels }) => labelRecord(labels)));

  /**
   * Turns the clock until this holds. A real pause stands beside every turn: what comes over a socket takes real time, and
   * must not look late by a clock that runs ahead.
   */
  async function until<T>(condition: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      const found = condition();
      if (found !== undefined && found !== false) return found;
      await pause(2);
      await parts.clock.advance(100);
    }
    throw new Error(`not within ${limitMs} ms: ${condition}; health is ${JSON.stringify(parts.health())}`);
  }

  return {
    ...parts,
    targets,
    sets: () => sets,
    until,
    /** The labels of all targets as soon as there are so many. */
    untilTargets: (count: number) => until(() => targets().length === count && targets()),
    addresses: () => targets().map(({ __address__ = "" }) => __address__),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      dir.remove();
    },
  };
}

/** In an order that does not depend on where they come from. */
export function sortedTargets(targets: readonly LabelRecord[]): LabelRecord[] {
  return targets
    .map((target) => Object.fromEntries(Object.entries(target).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
