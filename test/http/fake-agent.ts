import type { ComponentSummary, ComponentTargets, EdgeView, GraphView } from "../../src/graph/view.ts";
import type { AgentApi, ReloadOutcome } from "../../src/http/api.ts";

export interface FakeAgent extends AgentApi {
  view: GraphView | undefined;
  outcome: ReloadOutcome;
  reloads: number;
}

/** An agent without components behind it: it says what a test tells it to. */
export function fakeAgent(view: GraphView | undefined = fakeGraph()): FakeAgent {
  return {
    version: "1.2.3",
    startedAt: Date.UTC(2026, 0, 1, 12),
    view,
    outcome: { ok: true, summary: "1 started, 0 changed, 0 stopped, 3 untouched" },
    reloads: 0,
    graph() {
      return this.view;
    },
    isReady() {
      return this.view !== undefined;
    },
    reload() {
      this.reloads++;
      return Promise.resolve(this.outcome);
    },
    renderMetrics: () => Promise.resolve("# HELP up Up.\n# TYPE up gauge\nup 1\n"),
  };
}

const since = Date.UTC(2026, 0, 1, 12, 30);

export const healthyHost: ComponentSummary = {
  id: "prometheus.exporter.unix.host",
  type: "prometheus.exporter.unix",
  health: { state: "healthy", reason: "", since },
  restarts: 0,
};

export const illScrape: ComponentSummary = {
  id: "prometheus.scrape.host",
  type: "prometheus.scrape",
  health: { state: "unhealthy", reason: "the port <9100> is closed", since },
  restarts: 2,
};

export const edge: EdgeView = {
  from: "prometheus.exporter.unix.host",
  to: "prometheus.scrape.host",
  signal: "targets",
  batches: 1,
  records: 1,
  rate: 0,
  dropped: {},
};

export function fakeGraph(
  components: readonly ComponentSummary[] = [healthyHost, illScrape],
  edges: readonly EdgeView[] = [edge],
  targets: readonly ComponentTargets[] = [],
): GraphView {
  return {
    components: () => components,
    edges: () => edges,
    targets: () => targets,
    queues: () => [],
    component(id) {
      const summary = components.find((component) => component.id === id);
      return (
        summary && {
          ...summary,
          config: { scrape_interval: "15s" },
          inputs: edges.filter(({ to }) => to === id),
          outputs: edges.filter(({ from }) => from === id),
          debug: { targets: 1 },
        }
      );
    },
  };
}
