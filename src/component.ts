import type { z } from "zod";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { CustomMetrics } from "./signals/custom-metrics.ts";
import type { QueueView } from "./signals/queue-view.ts";
import type { Receiver, Signal } from "./signals/receiver.ts";
import type { Gather } from "./signals/targets.ts";
import type { TargetsView } from "./signals/targets-view.ts";

/**
 * A component is one value: its name, its schema, its documents and its wiring. Validation, the reference pages, the
 * editor schema, `sonde components` and the graph are all derived from it.
 *
 * `accepts` and `emits` decide the wiring keys that a user writes, and the type of `create`:
 *
 *     accepts: "targets"            targets: [ids]      where the targets come from
 *     emits: "metrics" or "logs"    forward_to: [ids]   who gets what this component produces
 */
export interface ComponentSpec<Schema extends z.ZodType, In extends Signal, Out extends Signal, M extends MetricSpecs> {
  /** The type as users write it: `prometheus.scrape`. The file's path is derived from it. */
  readonly type: string;
  /** One sentence: what it does for the user. */
  readonly summary: string;
  /** More than one sentence, where there is more to know; Markdown. */
  readonly description?: string;
  readonly accepts?: In;
  /** True where `targets:` may be left out because the component has another source of targets. */
  readonly targetsOptional?: boolean;
  readonly emits?: Out;
  /** Self-metrics beyond those that the graph counts for every component. */
  readonly metrics?: M;
  /** Always a strict object with a `.describe()` on every field. The wiring keys are not part of it. */
  readonly config: Schema;
  /** A whole, valid config that shows the component at work; it stands on the reference page and is tested. */
  readonly example: string;
  /**
   * Builds the component. Opens nothing and starts nothing (that is `run`'s): on a reload everything is built before
   * anything of the running graph is touched. Throws a ConfigError where the config cannot work.
   */
  create(config: z.output<Schema>, context: Context<NoInfer<Out>, NoInfer<M>>): Running<z.output<Schema>, NoInfer<In>>;
}

/** A component that is built. */
export type Running<Config, In extends Signal> = Input<In> & {
  /** Works until `stop` aborts; resolves once everything it opened is closed. Rejecting means: restart me with backoff. */
  run?(stop: AbortSignal): Promise<void>;
  /** Takes a changed config in place. Only where a restart would lose something. Throws before it changes anything. */
  update?(config: Config): void;
  /** What the component page shows, for example the targets of a scrape. Plain JSON, no secrets. */
  debug?(): object;
  /** The targets it scrapes, and those it drops. */
  targets?(): TargetsView;
  /** What it has not delivered yet. */
  queue?(): QueueView;
};

type Input<In extends Signal> = [In] extends [never] ? { input?: never } : { input: Receiver<In> };

export interface Context<Out extends Signal, M extends MetricSpecs> {
  /** `prometheus.scrape.host`. */
  readonly id: string;
  /** Fan-out to everything this component is wired to. */
  readonly output: Receiver<Out>;
  readonly metrics: Meters<M>;
  /** Already carries the id. */
  readonly log: Logger;
  /** A folder of this component alone. It does not exist until the component makes it. */
  readonly dataDir: string;
  /** Relative paths in the config start here: the folder of the config file. */
  readonly configDir: string;
  readonly world: World;
  /** Health means data flow. `reason` says what is wrong and what to do. */
  setHealth(health: Health, reason?: string): void;
}

/** What a component may know of the process and the machine. */
export interface World {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly hostname: string;
  /** The agent's own metrics. */
  readonly gatherSelf: Gather;
  /** How long a component may take to stop before what it has not delivered is given up, in milliseconds. */
  readonly shutdownTimeoutMs: number;
}

export type Health = "unknown" | "healthy" | "unhealthy" | "exited";

/** A config that parses and yet cannot work. The message is for the user. */
export class ConfigError extends Error {}

// Self-metrics: declared as values in the spec, handed to `create` as meters of the same names.
// The overloads are for inference: a call without labels must not take `string` from the type it is assigned to.

type MetricKind = "counter" | "gauge" | "histogram" | "custom";

export interface MetricSpec<Kind extends MetricKind = MetricKind, L extends string = string> {
  readonly kind: Kind;
  /**
   * Exposed as `sonde_<type>_<name>`; a name that begins with `prometheus_` or `loki_` is upstream's and stays as it is,
   * one that begins with `discovery_` is the same for every discovery: `sonde_discovery_…`.
   */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  readonly buckets?: readonly number[];
}

/** The name on a page: `sonde_<type>_<name>`, or upstream's, because people have dashboards on those. */
export function exposedName(type: string, name: string): string {
  if (name.startsWith("discovery_")) return `sonde_${name}`;
  return /^(?:prometheus|loki)_/.test(name) ? name : `sonde_${type.replaceAll(/[^a-zA-Z0-9]/g, "_")}_${name}`;
}

export type MetricSpecs = Readonly<Record<string, MetricSpec>>;

export function counter(name: string, help: string): MetricSpec<"counter", never>;
export function counter<L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[],
): MetricSpec<"counter", L>;
export function counter(name: string, help: string, labelNames: readonly string[] = []): MetricSpec<"counter"> {
  return { kind: "counter", name, help, labelNames };
}

export function gauge(name: string, help: string): MetricSpec<"gauge", never>;
export function gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): MetricSpec<"gauge", L>;
export function gauge(name: string, help: string, labelNames: readonly string[] = []): MetricSpec<"gauge"> {
  return { kind: "gauge", name, help, labelNames };
}

export function histogram(name: string, help: string, buckets: readonly number[]): MetricSpec<"histogram", never>;
export function histogram<L extends string>(
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly L[],
): MetricSpec<"histogram", L>;
export function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  labelNames: readonly string[] = [],
): MetricSpec<"histogram"> {
  return { kind: "histogram", name, help, labelNames, buckets };
}

/** Metrics whose names users choose; `name` and `help` stand for them on the reference page. */
export function customMetrics(name: string, help: string): MetricSpec<"custom", never> {
  return { kind: "custom", name, help, labelNames: [] };
}

export type Meters<M extends MetricSpecs> = { readonly [Name in keyof M]: Meter<M[Name]> };

type Meter<S> =
  S extends MetricSpec<"counter", infer L>
    ? { inc(...args: Labelled<L, [value?: number]>): void } & Forgetting<L>
    : S extends MetricSpec<"gauge", infer L>
      ? { set(...args: Labelled<L, [value: number]>): void } & Forgetting<L>
      : S extends MetricSpec<"histogram", infer L>
        ? { observe(...args: Labelled<L, [value: number]>): void }
        : S extends MetricSpec<"custom">
          ? CustomMetrics
          : never;

/** What has come to its end (a file, a peer) is shown no more. */
type Forgetting<L extends string> = [L] extends [never] ? unknown : { remove(labels: Record<L, string>): void };

type Labelled<L extends string, Args extends unknown[]> = [L] extends [never]
  ? Args
  : [labels: Record<L, string>, ...Args];

/** Any component, its types forgotten: what the manifest, the config and the graph work with. */
export interface Component {
  readonly type: string;
  readonly summary: string;
  readonly description?: string;
  readonly accepts?: Signal;
  readonly targetsOptional?: boolean;
  readonly emits?: Signal;
  readonly metrics?: MetricSpecs;
  readonly config: z.ZodType;
  readonly example: string;
  create(config: unknown, context: Context<Signal, MetricSpecs>): RunningComponent;
}

export interface RunningComponent {
  input?: Receiver<Signal>;
  run?(stop: AbortSignal): Promise<void>;
  update?(config: unknown): void;
  debug?(): object;
  targets?(): TargetsView;
  queue?(): QueueView;
}

/** Checks the spec's types (wrong wiring in code does not compile), then forgets them. */
export function defineComponent<
  Schema extends z.ZodType,
  In extends Signal = never,
  Out extends Signal = never,
  const M extends MetricSpecs = Record<never, never>,
>(spec: ComponentSpec<Schema, In, Out, M>): Component {
  return spec as unknown as Component;
}
