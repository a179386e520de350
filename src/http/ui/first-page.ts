import type { ComponentSummary, EdgeView, GraphView } from "../../graph/view.ts";
import type { AgentApi } from "../api.ts";
import type { Route } from "../route.ts";
import { type Html, html } from "./html.ts";
import { renderTargets } from "./targets-table.ts";

/**
 * The page behind `/`, whole without JavaScript. `refresh.js` fetches it again every few seconds and swaps the elements
 * with a `data-live` name whose content has changed.
 */
export function renderFirstPage(agent: AgentApi, routes: readonly Route[]): string {
  const graph = agent.graph();
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sonde</title>
<link rel="stylesheet" href="/ui/style.css">
<noscript><meta http-equiv="refresh" content="10"></noscript>
<script src="/ui/refresh.js" defer></script>
</head>
<body>
<header>
<h1>Sonde <small>${agent.version}</small></h1>
<p><span data-live="summary">${graph === undefined ? "Starting." : summaryOf(graph)}</span> Running since ${time(agent.startedAt)}.</p>
<p id="lost" role="status" hidden>The agent does not answer; what you see is old.</p>
</header>
<main data-live="components" data-live-key="${keyOf(graph)}">
${graph === undefined ? html`<p>The components are being built.</p>` : renderComponents(graph)}
${graph === undefined ? "" : renderTargets(graph.targets())}</main>
<footer>
<ul>
${routes.filter(isLinked).map(renderLink)}
</ul>
</footer>
</body>
</html>
`;
  return page.text;
}

function summaryOf(graph: GraphView): Html {
  const all = graph.components();
  const ill = all.filter(({ health }) => isIll(health.state));
  const count = plural(all.length, "component");
  if (ill.length === 0) return html`${count}, none unhealthy.`;
  return html`${count}, <strong class="ill">${ill.length} unhealthy</strong>: ${ill.map(renderIll)}`;
}

function renderIll({ id }: ComponentSummary, at: number, all: readonly ComponentSummary[]): Html {
  return html`<a href="#${id}">${id}</a>${at < all.length - 1 ? ", " : "."}`;
}

/** Changes when rows come or go: then the table is swapped whole. */
function keyOf(graph: GraphView | undefined): string {
  if (graph === undefined) return "";
  const edges = graph.edges().map(({ from, to }) => `${from}>${to}`);
  const pools = graph.targets().map(({ id }) => `targets of ${id}`);
  return [...graph.components().map(({ id }) => id), ...edges, ...pools].join(" ");
}

function renderComponents(graph: GraphView): Html {
  const components = graph.components();
  if (components.length === 0) return html`<p>The config has no components yet.</p>`;
  const edges = graph.edges();
  return html`<table>
<thead><tr><th scope="col">Component</th><th scope="col">Health</th><th scope="col">Sends to</th></tr></thead>
<tbody>
${components.map((component) => renderRow(component, edges))}</tbody>
</table>`;
}

function renderRow({ id, type, health, restarts }: ComponentSummary, edges: readonly EdgeView[]): Html {
  const own = edges.filter(({ from }) => from === id);
  const label = id.slice(type.length + 1);
  return html`<tr id="${id}">
<th scope="row"><a href="/api/v1/components/${encodeURIComponent(id)}"><span class="type">${type}.</span><wbr>${label}</a></th>
<td data-live="health ${id}"><span class="health ${health.state}" title="since ${isoTime(health.since)}">${health.state}</span>${
    health.reason === "" ? "" : html`<p class="reason">${health.reason}</p>`
  }${restarts === 0 ? "" : html`<p class="restarts">restarted ${restarts === 1 ? "once" : `${restarts} times`}</p>`}</td>
<td data-live="edges ${id}">${own.length === 0 ? "" : html`<ul>${own.map(renderEdge)}</ul>`}</td>
</tr>
`;
}

function renderEdge(edge: EdgeView): Html {
  const dropped = Object.entries(edge.dropped).filter(([, count]) => count > 0);
  return html`<li><a href="#${edge.to}">${edge.to}</a> <span class="flow">${flowOf(edge)}</span>${dropped.map(
    ([reason, count]) => html` <span class="ill">${number(count)} dropped: ${reason.replaceAll("_", " ")}</span>`,
  )}</li>`;
}

function flowOf({ signal, records, rate }: EdgeView): string {
  if (signal === "targets") return plural(records, "target");
  return `${number(rate)} ${signal === "metrics" ? "samples" : "entries"}/s`;
}

function isLinked({ path, method }: Route): boolean {
  return method === "GET" && path !== "/" && !path.includes(":") && !path.startsWith("/ui/");
}

function renderLink({ path, summary }: Route): Html {
  return html`<li><a href="${path}">${path}</a> <span>${summary}</span></li>\n`;
}

function isIll(state: string): boolean {
  return state === "unhealthy" || state === "exited";
}

function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function time(ms: number): Html {
  return html`<time datetime="${isoTime(ms)}">${isoTime(ms).replace("T", " ").replace("Z", " UTC")}</time>`;
}

function isoTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
