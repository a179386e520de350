import { textAnswer } from "../../lib/http-answer.ts";
import type { Route } from "../route.ts";

export const metrics: Route = {
  path: "/metrics",
  method: "GET",
  summary: "The agent's own metrics.",
  async handle(_, agent) {
    return textAnswer(200, await agent.renderMetrics(), { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
  },
};
