import { expect, test } from "vitest";
import { routes } from "../../../src/http/routes.ts";
import { renderFirstPage } from "../../../src/http/ui/first-page.ts";
import { edge, fakeAgent, fakeGraph, healthyHost, illScrape } from "../fake-agent.ts";

function main(page: string): string {
  return page.slice(page.indexOf("<main"), page.indexOf("</main>"));
}

test("the page shows each component with its health, its reason and what it sends", () => {
  expect(main(renderFirstPage(fakeAgent(), routes))).toBe(`\
<main data-live="components" data-live-key="prometheus.exporter.unix.host prometheus.scrape.host \
prometheus.exporter.unix.host&#62;prometheus.scrape.host">
<table>
<thead><tr><th scope="col">Component</th><th scope="col">Health</th><th scope="col">Sends to</th></tr></thead>
<tbody>
<tr id="prometheus.exporter.unix.host">
<th scope="row"><a href="/api/v1/components/prometheus.exporter.unix.host">\
<span class="type">prometheus.exporter.unix.</span><wbr>host</a></th>
<td data-live="health prometheus.exporter.unix.host">\
<span class="health healthy" title="since 2026-01-01T12:30:00Z">healthy</span></td>
<td data-live="edges prometheus.exporter.unix.host"><ul><li><a href="#prometheus.scrape.host">prometheus.scrape.host</a> \
<span class="flow">1 target</span></li></ul></td>
</tr>
<tr id="prometheus.scrape.host">
<th scope="row"><a href="/api/v1/components/prometheus.scrape.host">\
<span class="type">prometheus.scrape.</span><wbr>host</a></th>
<td data-live="health prometheus.scrape.host">\
<span class="health unhealthy" title="since 2026-01-01T12:30:00Z">unhealthy</span>\
<p class="reason">the port &#60;9100&#62; is closed</p><p class="restarts">restarted 2 times</p></td>
<td data-live="edges prometheus.scrape.host"></td>
</tr>
</tbody>
</table>
`);
});

test("what flows is said in the words of the signal", () => {
  const f = (part: object, want: string) => {
    const page = renderFirstPage(fakeAgent(fakeGraph([healthyHost, illScrape], [{ ...edge, ...part }])), routes);
    expect(/<span class="flow">.*?<\/li>/.exec(page)?.[0]).toBe(`<span class="flow">${want}</li>`);
  };

  f({ records: 1200 }, "1,200 targets</span>");
  f({ signal: "metrics", rate: 12_874.2 }, "12,874 samples/s</span>");
  f({ signal: "logs", rate: 3.27 }, "3.3 entries/s</span>");
  f(
    { signal: "logs", dropped: { not_running: 1311, receiver_failed: 0 } },
    '0 entries/s</span> <span class="ill">1,311 dropped: not running</span>',
  );
});

test("the head of the page counts, and links to what is ill", () => {
  const f = (agent: ReturnType<typeof fakeAgent>, want: string) => {
    expect(/<p>(.*Running since.*)<\/p>/.exec(renderFirstPage(agent, routes))?.[1]).toBe(want);
  };
  const since = 'Running since <time datetime="2026-01-01T12:00:00Z">2026-01-01 12:00:00 UTC</time>.';

  f(fakeAgent(fakeGraph([healthyHost])), `<span data-live="summary">1 component, none unhealthy.</span> ${since}`);
  f(
    fakeAgent(),
    '<span data-live="summary">2 components, <strong class="ill">1 unhealthy</strong>: ' +
      `<a href="#prometheus.scrape.host">prometheus.scrape.host</a>.</span> ${since}`,
  );
  const starting = fakeAgent();
  starting.view = undefined;
  f(starting, `<span data-live="summary">Starting.</span> ${since}`);
});

test("the page links to every other page for people", () => {
  const links = [...renderFirstPage(fakeAgent(), routes).matchAll(/<li><a href="(\/[^"]*)">/g)].map(([, path]) => path);
  expect(links).toEqual([
    "/-/ready",
    "/-/healthy",
    "/metrics",
    "/api/v1/components",
    "/api/v1/graph",
    "/api/v1/targets",
    "/api/v1/queues",
  ]);
});

test("the page loads nothing but its own style and script, and these exist", async () => {
  const page = renderFirstPage(fakeAgent(), routes);
  const loaded = [...page.matchAll(/(?:src|rel="stylesheet" href)="([^"]+)"/g)].map(([, path]) => path);
  expect(loaded).toEqual(["/ui/style.css", "/ui/refresh.js"]);
  for (const path of loaded) {
    const answer = await routes
      .find((route) => route.path === path)
      ?.handle({ parameter: "", query: new URLSearchParams(), wantsJson: false, routes }, fakeAgent());
    expect(answer?.status).toBe(200);
    expect(String(answer?.body).length).toBeGreaterThan(100);
  }
});
