import { success, withGraph } from "../json.ts";
import type { Route } from "../route.ts";

export const queues: Route = {
  path: "/api/v1/queues",
  method: "GET",
  summary: "What waits for each endpoint, since when, and why.",
  handle: (_, agent) => withGraph(agent, (graph) => success(graph.queues())),
};
