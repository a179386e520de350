import type { ComponentTargets } from "../../graph/view.ts";
import { type Html, html } from "./html.ts";

/** How many targets each component scrapes and drops, with a link to all about them. */
export function renderTargets(pools: readonly ComponentTargets[]): Html {
  if (pools.length === 0) return html``;
  return html`<table>
<thead><tr><th scope="col">Targets of</th><th scope="col">Up</th><th scope="col">Down</th><th scope="col">Unknown</th><th scope="col">Dropped</th></tr></thead>
<tbody>
${pools.map(renderPool)}</tbody>
</table>
`;
}

function renderPool({ id, active, droppedCount }: ComponentTargets): Html {
  const count = (wanted: string) => active.filter(({ health }) => health === wanted).length;
  const down = count("down");
  return html`<tr data-live="targets ${id}">
<th scope="row"><a href="/api/v1/targets?scrapePool=${encodeURIComponent(id)}">${id}</a></th>
<td>${count("up")}</td><td>${down === 0 ? "0" : html`<span class="ill">${down}</span>`}</td><td>${count("unknown")}</td><td>${droppedCount}</td>
</tr>
`;
}
