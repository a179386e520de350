import type { ComponentSummary } from "../../graph/view.ts";
import { textAnswer } from "../../lib/http-answer.ts";
import { failure, success } from "../json.ts";
import type { Route } from "../route.ts";

export const healthy: Route = {
  path: "/-/healthy",
  method: "GET",
  summary: "200, or 500 with each component that is unhealthy or has exited, and why.",
  handle({ wantsJson }, agent) {
    const all = agent.graph()?.components() ?? [];
    const ill = all.filter(isIll);
    const summary = summarize(ill.length, all.length);
    if (wantsJson) {
      const unhealthy = ill.map(({ id, health }) => ({ id, health }));
      return ill.length === 0 ? success({ unhealthy }) : failure(500, "unhealthy", summary, { unhealthy });
    }
    const lines = ill.map(({ id, health }) => `${id}: ${health.reason || health.state}\n`);
    return textAnswer(ill.length === 0 ? 200 : 500, `${summary}\n${lines.join("")}`);
  },
};

function isIll({ health: { state } }: ComponentSummary): boolean {
  return state === "unhealthy" || state === "exited";
}

function summarize(ill: number, all: number): string {
  return ill === 0
    ? "All components are healthy."
    : `${ill} of ${all} components ${ill === 1 ? "is" : "are"} unhealthy.`;
}
