import type { Agent } from "../agent/agent.ts";
import { urlOf } from "../lib/listen-address.ts";

/** What a person sees who has just started the agent: where to look, and what to try next. */
export function banner(agent: Agent, path: string): string {
  const summaries = agent.graph()?.components() ?? [];
  const pages = summaries.flatMap(({ id }) => {
    const url = (agent.graph()?.component(id)?.debug as { url?: unknown } | undefined)?.url;
    return typeof url === "string" ? [{ url, id }] : [];
  });
  const home = agent.address === undefined ? "" : `${urlOf(agent.address)}/`;
  const rows = [{ url: home, id: "components, their health and what flows between them" }, ...pages];
  const width = Math.max(...rows.map(({ url }) => url.length));
  const example = pages[0] === undefined ? `${home}metrics | grep sonde_component` : `${pages[0].url} | grep node_load`;
  return `
Sonde ${agent.version} runs ${summaries.length} components from ${path}.

  Look at  ${rows.map(({ url, id }) => `${url.padEnd(width)}  ${id}`).join("\n           ")}

  Try      curl -s ${example}
           curl -s ${home}api/v1/components | head -c 400
           edit ${path}, then: bin/sonde reload

  Stop     Ctrl-C

`;
}
