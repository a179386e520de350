import { didYouMean } from "../../lib/suggest.ts";
import { failure, success, withGraph } from "../json.ts";
import type { Route } from "../route.ts";

export const component: Route = {
  path: "/api/v1/components/:id",
  method: "GET",
  summary: "One component: config, health, edges, and what it knows of its work.",
  handle: ({ parameter: id }, agent) =>
    withGraph(agent, (graph) => {
      const view = graph.component(id);
      if (view !== undefined) return success(view);
      const ids = graph.components().map((summary) => summary.id);
      return failure(404, "not_found", `there is no component \`${id}\`${didYouMean(id, ids)}`);
    }),
};
