import type { Health } from "../component.ts";
import type { QueueView } from "../signals/queue-view.ts";
import type { Signal } from "../signals/receiver.ts";
import type { TargetsView } from "../signals/targets-view.ts";

/** What the graph shows of itself: to the HTTP API, the first page and the self-metrics. Plain JSON, no secrets. */
export interface GraphView {
  /** In the order data flows: sources first. */
  components(): readonly ComponentSummary[];
  component(id: string): ComponentView | undefined;
  edges(): readonly EdgeView[];
  /** Of every component that scrapes or drops targets, in the same order. */
  targets(): readonly ComponentTargets[];
  /** Of every component that has one, in the same order. */
  queues(): readonly ComponentQueue[];
}

export interface ComponentQueue extends QueueView {
  readonly id: string;
}

export interface ComponentTargets extends TargetsView {
  readonly id: string;
}

export interface ComponentSummary {
  readonly id: string;
  readonly type: string;
  readonly health: HealthView;
  readonly restarts: number;
}

export interface HealthView {
  readonly state: Health;
  /** What is wrong and what to do; empty when nothing is. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

export interface ComponentView extends ComponentSummary {
  /** As the user wrote it, secrets hidden. */
  readonly config: unknown;
  readonly inputs: readonly EdgeView[];
  readonly outputs: readonly EdgeView[];
  readonly debug: object;
}

export interface EdgeView {
  readonly from: string;
  readonly to: string;
  readonly signal: Signal;
  readonly batches: number;
  /** Targets (of the current set), samples or entries. */
  readonly records: number;
  /** Records per second over about the last 15 seconds; for targets always 0. */
  readonly rate: number;
  /** Records that the receiver did not take, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}
