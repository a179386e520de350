import { expect, test } from "vitest";
import { poolTargets } from "../../../src/engines/scrape/pool-targets.ts";
import { targetRelabeling } from "../../../src/engines/scrape/target-relabeling.ts";
import { exposing, interval, Scrapes, target } from "./scrapes.ts";

test("a target has all that was discovered of it, what its settings say, and what became of its last scrape", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"), {}, [target("a:1", { __meta_zone: "eu", env: "prod" })]);
  const before = poolTargets(scrapes.pool, "vm", 10);
  const discoveredLabels = {
    __address__: "a:1",
    __meta_zone: "eu",
    __metrics_path__: "/metrics",
    __scheme__: "http",
    __scrape_interval__: "10s",
    __scrape_timeout__: "5s",
    env: "prod",
    job: "test",
  };
  expect(before).toEqual({
    active: [
      {
        discoveredLabels,
        labels: { env: "prod", instance: "a:1", job: "test" },
        scrapeUrl: "http://a:1/metrics",
        globalUrl: "http://a:1/metrics",
        lastError: "",
        lastScrape: "0001-01-01T00:00:00Z",
        lastScrapeDuration: 0,
        health: "unknown",
        scrapeInterval: "10s",
        scrapeTimeout: "5s",
      },
    ],
    dropped: [],
    droppedCount: 0,
  });
  const { timestamp } = await scrapes.next();
  const [after] = poolTargets(scrapes.pool, "vm", 10).active;
  const lastScrape = new Date(timestamp).toISOString();
  expect(after).toMatchObject({ health: "up", lastError: "", lastScrape, lastScrapeDuration: 0 });
});

test("a target that is down has the reason", async () => {
  await using scrapes = new Scrapes(exposing("m {\n"));
  await scrapes.clock.advance(interval);
  expect(poolTargets(scrapes.pool, "vm", 10).active).toMatchObject([
    { health: "down", lastError: expect.stringMatching(/^cannot parse the answer: line 1: /) },
  ]);
});

test("the global URL has the machine's name instead of a loopback address", async () => {
  const f = async (address: string, want: string) => {
    await using scrapes = new Scrapes(exposing(""), {}, [target(address)]);
    expect(poolTargets(scrapes.pool, "vm", 10).active[0]?.globalUrl).toBe(want);
  };
  await f("localhost:9100", "http://vm:9100/metrics");
  await f("127.0.0.1", "http://vm/metrics");
  await f("[::1]:80", "http://vm:80/metrics");
  await f("127.0.0.11:1", "http://127.0.0.11:1/metrics");
  await f("localhost.example:1", "http://localhost.example:1/metrics");
});

test("refused targets are listed up to a limit, and all counted", async () => {
  await using scrapes = new Scrapes(exposing(""), {}, [target(""), target("a/b", { x: "y" }), target("a:1")]);
  const { dropped, droppedCount } = poolTargets(scrapes.pool, "vm", 1);
  expect(dropped).toEqual([{ discoveredLabels: {}, reason: "the target has no __address__" }]);
  expect(droppedCount).toBe(2);
});

test("a target that a relabel rule takes away is listed as dropped, with the rule, and harms no health", async () => {
  const empty = { separator: ";", modulus: 0, target_label: "", replacement: "$1" };
  const relabeling = targetRelabeling([{ ...empty, action: "drop", source_labels: ["env"], regex: "qa" }]);
  const targets = [target("a:1", { env: "prod" }), target("b:1", { env: "qa" })];
  await using scrapes = new Scrapes(exposing("m 1\n"), { relabeling }, targets);
  const { active, dropped, droppedCount } = poolTargets(scrapes.pool, "vm", 10);
  expect(active.map(({ scrapeUrl }) => scrapeUrl)).toEqual(["http://a:1/metrics"]);
  expect(droppedCount).toBe(1);
  expect(dropped).toMatchObject([
    {
      discoveredLabels: { __address__: "b:1", env: "qa", job: "test" },
      reason: 'rule 1 drops it: { source_labels: [env], regex: "qa", action: drop }',
    },
  ]);
  expect(scrapes.pool.refused).toEqual([]);
});
