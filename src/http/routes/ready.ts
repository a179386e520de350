import { textAnswer } from "../../lib/http-answer.ts";
import type { Route } from "../route.ts";

export const ready: Route = {
  path: "/-/ready",
  method: "GET",
  summary: "200 once every component runs, 503 before.",
  handle: (_, agent) => (agent.isReady() ? textAnswer(200, "Ready.\n") : textAnswer(503, "Starting.\n")),
};
