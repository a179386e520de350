import { success, withGraph } from "../json.ts";
import type { Route } from "../route.ts";

export const components: Route = {
  path: "/api/v1/components",
  method: "GET",
  summary: "Every component with its health, sources first.",
  handle: (_, agent) => withGraph(agent, (graph) => success(graph.components())),
};
