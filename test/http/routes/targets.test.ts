import { expect, test } from "vitest";
import type { ComponentTargets } from "../../../src/graph/view.ts";
import { targets } from "../../../src/http/routes/targets.ts";
import type { ActiveTarget } from "../../../src/signals/targets-view.ts";
import { edge, fakeAgent, fakeGraph } from "../fake-agent.ts";

const up: ActiveTarget = {
  discoveredLabels: { __address__: "a:1", job: "j" },
  labels: { instance: "a:1", job: "j" },
  scrapeUrl: "http://a:1/metrics",
  globalUrl: "http://a:1/metrics",
  lastError: "",
  lastScrape: "2026-01-01T12:00:00.000Z",
  lastScrapeDuration: 0.25,
  health: "up",
  scrapeInterval: "1m",
  scrapeTimeout: "10s",
};

const dropped = (address: string) => ({ discoveredLabels: { __address__: address }, reason: "because" });

const apps: ComponentTargets = { id: "prometheus.scrape.apps", active: [up], dropped: [dropped("")], droppedCount: 7 };
const other: ComponentTargets = { id: "prometheus.scrape.other", active: [], dropped: [], droppedCount: 0 };
const relabel: ComponentTargets = {
  id: "discovery.relabel.prod",
  active: [],
  dropped: [dropped("b:1")],
  droppedCount: 1,
};
const first: ComponentTargets = { id: "discovery.relabel.first", active: [], dropped: [], droppedCount: 3 };

const edges = [
  { ...edge, from: first.id, to: relabel.id },
  { ...edge, from: relabel.id, to: apps.id },
  { ...edge, from: "prometheus.exporter.self.agent", to: other.id },
  { ...edge, from: apps.id, to: "prometheus.relabel.x", signal: "metrics" as const },
];

async function ask(query: string): Promise<{ status: number; data: unknown }> {
  const agent = fakeAgent(fakeGraph([], edges, [first, relabel, apps, other]));
  const request = { parameter: "", query: new URLSearchParams(query), wantsJson: false, routes: [] };
  const { status, body } = await targets.handle(request, agent);
  return { status, data: JSON.parse(String(body)).data };
}

const active = [{ ...up, scrapePool: apps.id }];
const droppedByRelabel = { ...dropped("b:1"), scrapePool: relabel.id };
const droppedByScrape = { ...dropped(""), scrapePool: apps.id };

test("the targets of all pools, active and dropped, with the counts of all that are dropped", async () => {
  const all = {
    activeTargets: active,
    droppedTargets: [droppedByRelabel, droppedByScrape],
    droppedTargetCounts: { [first.id]: 3, [relabel.id]: 1, [apps.id]: 7, [other.id]: 0 },
  };
  expect(await ask("")).toEqual({ status: 200, data: all });
  expect(await ask("state=any")).toEqual({ status: 200, data: all });
  expect(await ask("state=ANY")).toEqual({ status: 200, data: all });
});

test("state chooses the active ones or the dropped ones", async () => {
  expect((await ask("state=active")).data).toEqual({
    activeTargets: active,
    droppedTargets: [],
    droppedTargetCounts: null,
  });
  expect((await ask("state=dropped")).data).toMatchObject({
    activeTargets: [],
    droppedTargets: [droppedByRelabel, droppedByScrape],
  });
  expect((await ask("state=lost")).data).toMatchObject({ activeTargets: [], droppedTargets: [] });
});

test("scrapePool chooses a scrape, and what was dropped on the way to it", async () => {
  expect((await ask(`scrapePool=${apps.id}`)).data).toEqual({
    activeTargets: active,
    droppedTargets: [droppedByRelabel, droppedByScrape],
    droppedTargetCounts: { [first.id]: 3, [relabel.id]: 1, [apps.id]: 7 },
  });
  expect((await ask(`scrapePool=${other.id}`)).data).toEqual({
    activeTargets: [],
    droppedTargets: [],
    droppedTargetCounts: { [other.id]: 0 },
  });
  expect((await ask("scrapePool=nothing")).data).toMatchObject({ activeTargets: [], droppedTargets: [] });
});
