import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Receiver } from "../../signals/receiver.ts";

/** What a discovery needs around it; the context of its component has all of that. */
export interface DiscoverySurroundings {
  readonly id: string;
  readonly output: Receiver<"targets">;
  readonly metrics: DiscoveryMeters;
  readonly log: Logger;
  readonly dataDir: string;
  readonly world: { readonly clock: Clock; readonly random: () => number };
  setHealth(health: "healthy" | "unhealthy", reason?: string): void;
}

/** config/fields/discovery.ts declares them. */
export interface DiscoveryMeters {
  readonly lastSuccess: { set(value: number): void };
  readonly refreshFailures: { inc(labels: { mechanism: string; config: string }): void };
  readonly refreshDuration: { observe(labels: { mechanism: string; config: string }, value: number): void };
  readonly discoveredTargets: { set(labels: { name: string; config: string }, value: number): void };
  readonly updates: { inc(labels: { name: string }): void };
  readonly updatesDelayed: { inc(labels: { name: string }): void };
}
