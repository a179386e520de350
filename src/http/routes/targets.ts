import type { ComponentTargets, GraphView } from "../../graph/view.ts";
import { success, withGraph } from "../json.ts";
import type { Route } from "../route.ts";

/**
 * The answer of Prometheus' HTTP API, for its clients. A scrape pool is a component. `discovery.relabel` drops targets
 * before there is a pool that they would belong to, so it is itself the pool of those, and whoever asks for the pool of
 * a scrape also gets what was dropped on the way to it.
 */
export const targets: Route = {
  path: "/api/v1/targets",
  method: "GET",
  summary: "The targets that are scraped, with their last error, and those that were dropped; as in Prometheus.",
  handle: ({ query }, agent) =>
    withGraph(agent, (graph) => {
      const state = query.get("state")?.toLowerCase() || "any";
      const shows = (wanted: string) => state === "any" || state === wanted;
      const pools = poolsOf(graph, query.get("scrapePool") ?? "");
      return success({
        activeTargets: shows("active") ? pools.flatMap(activeTargets) : [],
        droppedTargets: shows("dropped") ? pools.flatMap(droppedTargets) : [],
        droppedTargetCounts: shows("dropped")
          ? Object.fromEntries(pools.map(({ id, droppedCount }) => [id, droppedCount]))
          : null,
      });
    }),
};

function poolsOf(graph: GraphView, pool: string): readonly ComponentTargets[] {
  if (pool === "") return graph.targets();
  const wanted = withSenders(graph, pool);
  return graph.targets().filter(({ id }) => wanted.has(id));
}

/** The component, and all that its targets come through. */
function withSenders(graph: GraphView, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  const edges = graph.edges().filter(({ signal }) => signal === "targets");
  for (const wanted of found) {
    for (const { from, to } of edges) if (to === wanted) found.add(from);
  }
  return found;
}

function activeTargets({ id, active }: ComponentTargets): object[] {
  return active.map((target) => ({ ...target, scrapePool: id }));
}

function droppedTargets({ id, dropped }: ComponentTargets): object[] {
  return dropped.map((target) => ({ ...target, scrapePool: id }));
}
