import type { Agent } from "../agent/agent.ts";
import { formatAddress, urlOf } from "../lib/listen-address.ts";
import { defaultListenAddress } from "./environment.ts";

/** What a person sees who has just started the agent: where to look, and what to try next. */
export function banner(agent: Agent, path: string): string {
  const summaries = agent.graph()?.components() ?? [];
  const pages = summaries.flatMap(({ id, type }) => {
    const url = (agent.graph()?.component(id)?.debug as { url?: unknown } | undefined)?.url;
    return typeof url === "string" ? [{ url, id, type }] : [];
  });
  const home = agent.address === undefined ? "" : `${urlOf(agent.address)}/`;
  const rows = [{ url: home, id: "components, their health and what flows between them" }, ...pages];
  const width = Math.max(...rows.map(({ url }) => url.length));
  const exposed = pages.find(({ type }) => type === "prometheus.expose");
  const example = exposed === undefined ? `${home}metrics | grep sonde_component` : `${exposed.url} | grep node_load`;
  return `
Sonde ${agent.version} runs ${summaries.length} components from ${path}.

  Look at  ${rows.map(({ url, id }) => `${url.padEnd(width)}  ${id}`).join("\n           ")}

  Try      curl -s ${example}
           curl -s ${home}api/v1/components | head -c 400
           edit ${path}, then: bin/sonde reload${reloadOption(agent)}

  Stop     Ctrl-C

`;
}

/** An agent that answers elsewhere has to be asked there. */
function reloadOption({ address }: Agent): string {
  const place = address === undefined ? defaultListenAddress : formatAddress(address);
  return place === defaultListenAddress ? "" : ` --http.listen-address ${place}`;
}
