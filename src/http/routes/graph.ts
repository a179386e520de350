import { success, withGraph } from "../json.ts";
import type { Route } from "../route.ts";

export const graph: Route = {
  path: "/api/v1/graph",
  method: "GET",
  summary: "The components and the edges between them, with what flows along each.",
  handle: (_, agent) => withGraph(agent, (view) => success({ components: view.components(), edges: view.edges() })),
};
