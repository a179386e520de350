import { ConfigError } from "../component.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import type { ComponentConfig } from "../config/loaded.ts";
import { sleep } from "../lib/clock.ts";
import { bug } from "../lib/errors.ts";
import type { Logger } from "../lib/logger.ts";
import type { LogBatch } from "../signals/log-batch.ts";
import type { TargetGroup } from "../signals/targets.ts";
import { type Diff, diffComponents } from "./diff.ts";
import { Edge, NotRunningError } from "./edge.ts";
import { Node, type Surroundings } from "./node.ts";
import { stopStages } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { NodeStats } from "./stats.ts";
import type { ComponentQueue, ComponentSummary, ComponentTargets, ComponentView, EdgeView, GraphView } from "./view.ts";

const emptyPlan: Plan = { components: [], receivers: new Map() };

/**
 * The running graph. Start and reload are one path, `apply`:
 *
 *     diff ─► build ─► (any error: nothing has changed) ─► wire ─► stop old ─► update changed ─► start new
 *
 * Everything that can fail because of the config happens before `wire`. Receivers are wired before they run, so that
 * nothing a source sends during a reload is lost: a component takes input from the moment it is built.
 */
export class Graph implements GraphView {
  readonly #surroundings: Surroundings;
  readonly #log: Logger;
  #plan: Plan = emptyPlan;
  #nodes: ReadonlyMap<string, Node> = new Map();

  constructor(surroundings: Surroundings, log: Logger) {
    this.#surroundings = surroundings;
    this.#log = log;
  }

  /** Brings the graph to `plan`. With diagnostics nothing has changed; otherwise what was done. */
  async apply(plan: Plan): Promise<{ ok: true; diff: Diff } | { ok: false; diagnostics: readonly Diagnostic[] }> {
    const diff = diffComponents(this.#plan.components, plan.components);
    const built = this.#build(plan, diff);
    if (built.diagnostics.length > 0) return { ok: false, diagnostics: built.diagnostics };

    const before = this.#nodes;
    const oldPlan = this.#plan;
    const nodes = this.#merge(plan, built.nodes);
    const wired = wire(plan, nodes);
    this.#nodes = nodes;
    this.#plan = plan;
    await wired;

    await this.#stopNodes(
      oldPlan,
      [...before.values()].filter((node) => nodes.get(node.id) !== node),
    );
    for (const id of diff.keep) nodes.get(id)?.restate(configOf(plan, id));
    for (const id of diff.change) if (nodes.get(id) === before.get(id)) nodes.get(id)?.update(configOf(plan, id));
    for (const { id } of plan.components.toReversed()) if (nodes.get(id) !== before.get(id)) nodes.get(id)?.start();
    return { ok: true, diff };
  }

  /** What `apply` would refuse, without changing anything. */
  check(plan: Plan): readonly Diagnostic[] {
    return this.#build(plan, diffComponents(this.#plan.components, plan.components)).diagnostics;
  }

  /** Stops everything, sources first, within the deadline. */
  async stop(): Promise<void> {
    await this.#stopNodes(this.#plan, [...this.#nodes.values()]);
  }

  /** Hands entries of the agent's own log to a component. */
  async receiveLog(id: string, batch: LogBatch): Promise<void> {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new NotRunningError(`${id} is not running`);
    node.stats.receivedBatches++;
    node.stats.receivedRecords += batch.lines.length;
    await node.receive("logging", batch);
  }

  components(): readonly ComponentSummary[] {
    return [...this.#nodes.values()].map((node) => node.summary());
  }

  component(id: string): ComponentView | undefined {
    return this.#nodes.get(id)?.view(this.edges().filter((edge) => edge.to === id));
  }

  edges(): readonly EdgeView[] {
    return [...this.#nodes.values()].flatMap((node) => node.output.edges.map((edge) => edge.view()));
  }

  targets(): readonly ComponentTargets[] {
    return [...this.#nodes.values()].flatMap((node) => node.targets() ?? []);
  }

  queues(): readonly ComponentQueue[] {
    return [...this.#nodes.values()].flatMap((node) => node.queue() ?? []);
  }

  stats(): readonly { readonly id: string; readonly stats: NodeStats }[] {
    return [...this.#nodes.values()].map(({ id, stats }) => ({ id, stats }));
  }

  /**
   * Builds every new and every changed component. Where a changed one can take its config in place, what was built
   * here only proves the config, and is thrown away.
   */
  #build(plan: Plan, diff: Diff): { nodes: Node[]; diagnostics: Diagnostic[] } {
    const wanted = new Set([...diff.start, ...diff.change]);
    const nodes: Node[] = [];
    const diagnostics: Diagnostic[] = [];
    for (const config of plan.components.filter(({ id }) => wanted.has(id))) {
      const running = this.#nodes.get(config.id);
      const node = new Node(config, this.#surroundings, running);
      const diagnostic = tryBuild(node);
      if (diagnostic !== undefined) diagnostics.push(diagnostic);
      else if (!running?.canUpdate) nodes.push(node);
    }
    return { nodes, diagnostics };
  }

  #merge(plan: Plan, built: readonly Node[]): ReadonlyMap<string, Node> {
    const fresh = new Map(built.map((node) => [node.id, node]));
    const nodes = plan.components.flatMap(({ id }) => fresh.get(id) ?? this.#nodes.get(id) ?? []);
    return new Map(nodes.map((node) => [node.id, node]));
  }

  async #stopNodes(plan: Plan, nodes: readonly Node[]): Promise<void> {
    const { clock, shutdownTimeoutMs } = this.#surroundings.world;
    const deadline = clock.monotonic() + shutdownTimeoutMs;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const stages = stopStages(
      plan.components.map(({ id }) => id),
      (id) => plan.receivers.get(id) ?? [],
    );
    for (const stage of stages) {
      const stopping = stage.flatMap((id) => byId.get(id) ?? []);
      await Promise.all(stopping.map((node) => this.#stopBefore(node, deadline)));
    }
  }

  async #stopBefore(node: Node, deadline: number): Promise<void> {
    const { clock } = this.#surroundings.world;
    const stopped = new AbortController();
    const done = node.stop().then(() => "stopped" as const);
    const late = sleep(clock, Math.max(0, deadline - clock.monotonic()), stopped.signal).then(() => "late" as const);
    if ((await Promise.race([done, late])) === "late") {
      this.#log.warn("component did not stop in time; going on without it", { component: node.id });
    }
    stopped.abort();
    node.output.connect([]);
  }
}

function configOf(plan: Plan, id: string): ComponentConfig {
  const config = plan.components.find((component) => component.id === id);
  if (config === undefined) throw bug(`${id} is not in the plan`);
  return config;
}

function tryBuild(node: Node): Diagnostic | undefined {
  try {
    node.build();
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { severity: "error", message: `${node.id}: ${error.message}`, place: node.config.place };
  }
}

/**
 * Gives every node its edges, and every receiver of targets the last set of each of its senders. Synchronous up to
 * the delivery of those sets, so that no batch meets a graph half old and half new.
 */
async function wire(plan: Plan, nodes: ReadonlyMap<string, Node>): Promise<void> {
  for (const node of nodes.values()) {
    const receivers = (plan.receivers.get(node.id) ?? []).flatMap((id) => nodes.get(id) ?? []);
    node.output.connect(receivers.map((to) => keptEdge(node, to) ?? new Edge(node, to)));
  }
  await Promise.allSettled([...nodes.values()].map((node) => node.setSenders(lastTargetsOf(sendersTo(node, nodes)))));
}

function sendersTo(node: Node, nodes: ReadonlyMap<string, Node>): Node[] {
  return [...nodes.values()].filter(({ output }) => output.edges.some(({ to }) => to === node));
}

function lastTargetsOf(senders: readonly Node[]): ReadonlyMap<string, readonly TargetGroup[]> {
  return new Map(senders.flatMap(({ id, output }) => (output.lastTargets ? [[id, output.lastTargets]] : [])));
}

function keptEdge(from: Node, to: Node): Edge | undefined {
  return from.output.edges.find((edge) => edge.to === to);
}

/** How many components a reload touched, for people. */
export function describeDiff({ keep, change, start, stop }: Diff): string {
  return `${start.length} started, ${change.length} changed, ${stop.length} stopped, ${keep.length} untouched`;
}
