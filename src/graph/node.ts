import type { Component, Context, Health, MetricSpecs, RunningComponent, World } from "../component.ts";
import type { ComponentConfig } from "../config/loaded.ts";
import { Backoff } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { describeError } from "../lib/errors.ts";
import type { Logger } from "../lib/logger.ts";
import { untilAborted } from "../lib/until-aborted.ts";
import type { Signal, Signals } from "../signals/receiver.ts";
import { NotRunningError } from "./edge.ts";
import { Output } from "./output.ts";
import { type NodeStats, newNodeStats } from "./stats.ts";
import type { ComponentQueue, ComponentSummary, ComponentTargets, ComponentView, HealthView } from "./view.ts";

/** What the graph needs from the agent to build a component. */
export interface Surroundings {
  readonly world: World;
  logger(id: string): Logger;
  /** The meters of a component; the same ones again for the same id. */
  meters(id: string, component: Component): Context<Signal, MetricSpecs>["metrics"];
  /** The private folder of a component. */
  dataDir(id: string): string;
}

const restartDelay = { minMs: 1000, maxMs: 60_000, jitter: 0.1 };

/** A component that ran this long before it failed starts its backoff anew. */
const settledMs = 120_000;

/** One component of the running graph: builds it, runs it, restarts it when it fails, and knows its health. */
export class Node {
  readonly id: string;
  readonly component: Component;
  readonly output: Output;
  readonly stats: NodeStats;
  readonly #surroundings: Surroundings;
  readonly #stop = new AbortController();
  /** The last set of each sender: a receiver of targets sees their union. */
  readonly #targets = new Map<string, Signals["targets"]>();
  #config: ComponentConfig;
  #running: RunningComponent | undefined;
  #finished: Promise<void> = Promise.resolve();
  #health: HealthView;

  /** `replaced` is the node whose place this one takes after a reload. */
  constructor(config: ComponentConfig, surroundings: Surroundings, replaced?: Node) {
    this.id = config.id;
    this.component = config.component;
    this.stats = replaced?.stats ?? newNodeStats();
    this.output = new Output(config.component.emits, this.stats, replaced?.output.lastTargets);
    this.#config = config;
    this.#surroundings = surroundings;
    this.#health = { state: "unknown", reason: "", since: surroundings.world.clock.now() };
  }

  get config(): ComponentConfig {
    return this.#config;
  }

  get clock(): Clock {
    return this.#surroundings.world.clock;
  }

  get canUpdate(): boolean {
    return this.#running?.update !== undefined;
  }

  /** Creates the component without starting it. Throws a ConfigError where the config cannot work. */
  build(): void {
    this.#running = this.component.create(this.#config.config, this.#context());
  }

  /** Hands a changed config to the running component. */
  update(config: ComponentConfig): void {
    this.#config = config;
    this.#running?.update?.(config.config);
  }

  /** Takes note of a config that means the same, but may be wired or written otherwise. */
  restate(config: ComponentConfig): void {
    this.#config = config;
  }

  start(): void {
    if (this.#health.state === "unknown") this.#setHealth("healthy", "");
    this.#finished = this.#supervise();
  }

  /** Resolves when the component has closed everything it opened. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#finished;
  }

  /** Never throws: what a component throws comes as a rejection. */
  receive(from: string, batch: Signals[Signal]): Promise<void> {
    if (this.component.accepts !== "targets") return this.#deliver(batch);
    this.#targets.set(from, batch as Signals["targets"]);
    return this.#deliver(this.#union());
  }

  /**
   * Makes `senders`, with the set that each sent last, the only ones whose targets count, and hands their union in
   * where that changes anything.
   */
  async setSenders(senders: ReadonlyMap<string, Signals["targets"]>): Promise<void> {
    if (this.component.accepts !== "targets" || isSameMap(this.#targets, senders)) return;
    this.#targets.clear();
    for (const [id, targets] of senders) this.#targets.set(id, targets);
    await this.#deliver(this.#union());
  }

  summary(): ComponentSummary {
    return { id: this.id, type: this.component.type, health: this.#health, restarts: this.stats.restarts };
  }

  view(inputs: ComponentView["inputs"]): ComponentView {
    return {
      ...this.summary(),
      config: this.#config.shown,
      inputs,
      outputs: this.output.edges.map((edge) => edge.view()),
      debug: this.#running?.debug?.() ?? {},
    };
  }

  /** Undefined for a component that has nothing to do with targets. */
  targets(): ComponentTargets | undefined {
    const view = this.#running?.targets?.();
    return view && { id: this.id, ...view };
  }

  /** Undefined for a component without one. */
  queue(): ComponentQueue | undefined {
    const view = this.#running?.queue?.();
    return view && { id: this.id, ...view };
  }

  async #supervise(): Promise<void> {
    const stop = this.#stop.signal;
    const backoff = new Backoff({ ...restartDelay, random: this.#surroundings.world.random });
    while (!stop.aborted) {
      const started = this.clock.monotonic();
      const reason = await this.#runOnce(stop);
      if (stop.aborted) break;
      if (this.clock.monotonic() - started >= settledMs) backoff.reset();
      const delayMs = backoff.next();
      this.#setHealth("exited", `${reason}; restarting in ${Math.round(delayMs / 1000)}s`);
      this.#log.error("component failed", { reason, restart_in_ms: Math.round(delayMs) });
      this.#running = undefined;
      await sleep(this.clock, delayMs, stop);
      if (!stop.aborted) await this.#rebuild();
    }
  }

  /** Runs the component until it ends, and says why it did. A component without `run` lives until it is stopped. */
  async #runOnce(stop: AbortSignal): Promise<string> {
    const running = this.#running;
    if (running === undefined) return this.#health.reason;
    try {
      await (running.run?.(stop) ?? untilAborted(stop));
      return "the component ended without being stopped";
    } catch (error) {
      return describeError(error);
    }
  }

  async #rebuild(): Promise<void> {
    this.stats.restarts++;
    try {
      this.build();
      this.#setHealth("healthy", "");
      if (this.#targets.size > 0) await this.#deliver(this.#union());
    } catch (error) {
      this.#running = undefined;
      this.#setHealth("exited", describeError(error));
    }
  }

  #deliver(batch: Signals[Signal]): Promise<void> {
    const input = this.#running?.input;
    if (input === undefined) return Promise.reject(new NotRunningError(`${this.id} is not running`));
    try {
      return input.receive(batch);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Groups keep their source, with the sender in front, so that two senders cannot clash. */
  #union(): Signals["targets"] {
    return [...this.#targets].flatMap(([from, groups]) =>
      groups.map((group) => ({ ...group, source: `${from}/${group.source}` })),
    );
  }

  #context(): Context<Signal, MetricSpecs> {
    const { world } = this.#surroundings;
    return {
      id: this.id,
      output: this.output,
      metrics: this.#surroundings.meters(this.id, this.component),
      log: this.#log,
      dataDir: this.#surroundings.dataDir(this.id),
      configDir: this.#config.configDir,
      world,
      setHealth: (state, reason = "") => this.#setHealth(state, reason),
    };
  }

  get #log(): Logger {
    return this.#surroundings.logger(this.id);
  }

  #setHealth(state: Health, reason: string): void {
    if (state === this.#health.state && reason === this.#health.reason) return;
    const since = state === this.#health.state ? this.#health.since : this.clock.now();
    this.#health = { state, reason, since };
  }
}

function isSameMap<K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
