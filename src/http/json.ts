import type { GraphView } from "../graph/view.ts";
import type { Answer } from "../lib/http-answer.ts";
import type { AgentApi } from "./api.ts";

/** The envelope of Prometheus' HTTP API. */
export function success(data: unknown): Answer {
  return json(200, { status: "success", data });
}

export function failure(status: number, errorType: string, error: string, data?: unknown): Answer {
  return json(status, { status: "error", errorType, error, ...(data !== undefined && { data }) });
}

/** For routes that have nothing to say before there is a graph. */
export function withGraph(agent: AgentApi, answer: (graph: GraphView) => Answer): Answer {
  const graph = agent.graph();
  return graph === undefined ? failure(503, "unavailable", "the agent is starting") : answer(graph);
}

function json(status: number, value: object): Answer {
  return { status, headers: { "Content-Type": "application/json" }, body: `${JSON.stringify(value)}\n` };
}
