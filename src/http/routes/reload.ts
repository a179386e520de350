import { textAnswer } from "../../lib/http-answer.ts";
import { failure, success } from "../json.ts";
import type { Route } from "../route.ts";

export const reload: Route = {
  path: "/-/reload",
  method: "POST",
  summary: "Reads the config again. 400 with every mistake when it is refused; nothing has changed then.",
  async handle({ wantsJson }, agent) {
    const outcome = await agent.reload();
    if (outcome.ok) return wantsJson ? success({ summary: outcome.summary }) : textAnswer(200, `${outcome.summary}\n`);
    const { text, diagnostics } = outcome;
    if (wantsJson) return failure(400, "bad_config", "the config is refused; nothing has changed", { diagnostics });
    return textAnswer(400, text.endsWith("\n") ? text : `${text}\n`);
  },
};
