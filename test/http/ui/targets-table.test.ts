import { expect, test } from "vitest";
import { routes } from "../../../src/http/routes.ts";
import { renderFirstPage } from "../../../src/http/ui/first-page.ts";
import { renderTargets } from "../../../src/http/ui/targets-table.ts";
import { fakeAgent, fakeGraph } from "../fake-agent.ts";

const target = {
  discoveredLabels: {},
  labels: {},
  scrapeUrl: "",
  globalUrl: "",
  lastError: "",
  lastScrape: "",
  lastScrapeDuration: 0,
  scrapeInterval: "",
  scrapeTimeout: "",
};

const pool = {
  id: "prometheus.scrape.a&b",
  active: (["up", "down", "up", "unknown"] as const).map((health) => ({ ...target, health })),
  dropped: [],
  droppedCount: 12,
};

test("a row has how many targets there are by state, and leads to them", () => {
  expect(renderTargets([pool, { ...pool, id: "x", active: [] }]).text).toBe(`\
<table>
<thead><tr><th scope="col">Targets of</th><th scope="col">Up</th><th scope="col">Down</th>\
<th scope="col">Unknown</th><th scope="col">Dropped</th></tr></thead>
<tbody>
<tr data-live="targets prometheus.scrape.a&#38;b">
<th scope="row"><a href="/api/v1/targets?scrapePool=prometheus.scrape.a%26b">prometheus.scrape.a&#38;b</a></th>
<td>2</td><td><span class="ill">1</span></td><td>1</td><td>12</td>
</tr>
<tr data-live="targets x">
<th scope="row"><a href="/api/v1/targets?scrapePool=x">x</a></th>
<td>0</td><td>0</td><td>0</td><td>12</td>
</tr>
</tbody>
</table>
`);
});

test("the first page has the table where there are targets", () => {
  const page = (graph: ReturnType<typeof fakeGraph>) => renderFirstPage(fakeAgent(graph), routes);
  expect(page(fakeGraph([], [], [pool]))).toContain("Targets of");
  expect(page(fakeGraph([], []))).not.toContain("Targets of");
});
