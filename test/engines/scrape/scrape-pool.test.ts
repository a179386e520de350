import { expect, test } from "vitest";
import type { Fetch } from "../../../src/engines/scrape/http-exposure.ts";
import { exposing, interval, response, Scrapes, settings, target } from "./scrapes.ts";

test("a target that goes gets markers two ticks and a tenth later, as of the tick after its last scrape", async () => {
  await using scrapes = new Scrapes(exposing("a 1\nb 1\n"));
  const last = await scrapes.next();
  scrapes.pool.sync([]);
  expect(scrapes.pool.status()).toEqual([]);
  await scrapes.clock.advance(2 * interval);
  expect(scrapes.sent).toEqual([last]);
  await scrapes.clock.advance(interval / 10);
  expect(scrapes.sent[1]).toMatchObject({
    timestamp: last.timestamp + interval,
    samples: [],
    stale: [
      "up",
      "scrape_duration_seconds",
      "scrape_samples_scraped",
      "scrape_samples_post_metric_relabeling",
      "scrape_series_added",
      "a",
      "b",
    ],
  });
  await scrapes.clock.advance(5 * interval);
  expect(scrapes.sent.length).toBe(2);
  expect(scrapes.clock.pending).toBe(0);
});

test("a target that comes back in time goes on as if nothing had happened", async () => {
  for (const absence of [0, interval, 2 * interval]) {
    await using scrapes = new Scrapes(exposing("a 1\n"));
    await scrapes.next();
    scrapes.pool.sync([]);
    await scrapes.clock.advance(absence);
    scrapes.pool.sync([target("a:1")]);
    expect(await scrapes.next()).toMatchObject({ samples: ["a 1"], stale: [], reports: [1, 0, 1, 1, 0], layout: 1 });
    await scrapes.clock.advance(5 * interval);
    expect(scrapes.sent.flatMap(({ stale }) => stale)).toEqual([]);
  }
});

test("a target that was never scraped leaves nothing behind", async () => {
  await using scrapes = new Scrapes(exposing("a 1\n"));
  scrapes.pool.sync([]);
  await scrapes.clock.advance(5 * interval);
  expect(scrapes.sent).toEqual([]);
});

test("other targets are not touched when the set changes, and equal targets are scraped once", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"));
  await scrapes.next();
  scrapes.pool.sync([target("a:1"), target("b:1"), target("b:1")]);
  await scrapes.clock.advance(interval);
  expect(
    scrapes.sent
      .slice(1)
      .map(({ samples, reports }) => [...samples, reports[4]])
      .sort(),
  ).toEqual([
    ["m 1", 0],
    ['m{instance="b:1"} 1', 1],
  ]);
});

test("a changed interval keeps the series and takes effect at once", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"));
  await scrapes.next();
  scrapes.pool.update({ ...settings, intervalMs: 1000, timeoutMs: 500 });
  await scrapes.clock.advance(3000);
  const later = scrapes.sent.slice(1);
  expect(later.length).toBe(3);
  expect(later.map(({ reports, stale }) => [reports[4], stale])).toEqual([
    [0, []],
    [0, []],
    [0, []],
  ]);
});

test("changed settings for labels mark only the series that change", async () => {
  await using scrapes = new Scrapes(exposing('a{job="x"} 1\nb 1\n'));
  expect((await scrapes.next()).samples).toEqual(['a{exported_job="x"} 1', "b 1"]);
  scrapes.pool.update({ ...settings, honorLabels: true });
  expect(await scrapes.next()).toMatchObject({ samples: ['a{job="x"} 1', "b 1"], stale: ['a{exported_job="x"}'] });
});

test("with more targets than the limit none is asked and all are down", async () => {
  let asked = 0;
  const fetch: Fetch = async () => {
    asked++;
    return response("m 1\n");
  };
  await using scrapes = new Scrapes(fetch, { targetLimit: 1 }, [target("a:1"), target("b:1")]);
  await scrapes.clock.advance(interval);
  expect(asked).toBe(0);
  expect(scrapes.sent.map(({ reports }) => reports)).toEqual([
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ]);
  expect(scrapes.results[0]?.failure).toEqual({
    reason: "target_limit",
    message: "the job has 2 targets; target_limit is 1",
  });
  scrapes.pool.sync([target("a:1")]);
  await scrapes.clock.advance(interval);
  expect(scrapes.sent.at(-1)?.samples).toEqual(["m 1"]);
});

test("a stop during a scrape ends at once and writes nothing", async () => {
  const scrapes = new Scrapes(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await scrapes.clock.advance(interval);
  await scrapes.stop();
  expect(scrapes.sent).toEqual([]);
  expect(scrapes.clock.pending).toBe(0);
});

test("a stop between scrapes, or while a target retires, writes no markers", async () => {
  const scrapes = new Scrapes(exposing("m 1\n"), {}, [target("a:1"), target("b:1")]);
  await scrapes.clock.advance(interval);
  scrapes.pool.sync([target("a:1")]);
  await scrapes.clock.advance(interval);
  await scrapes.stop();
  expect(scrapes.sent.flatMap(({ stale }) => stale)).toEqual([]);
  expect(scrapes.clock.pending).toBe(0);
});

test("a change of targets does not cut a scrape off", async () => {
  const answers: (() => void)[] = [];
  await using scrapes = new Scrapes(() => new Promise((resolve) => answers.push(() => resolve(response("m 1\n")))));
  await scrapes.clock.advance(interval);
  scrapes.pool.sync([]);
  answers[0]?.();
  await scrapes.clock.advance(0);
  expect(scrapes.sent[0]?.samples).toEqual(["m 1"]);
  await scrapes.clock.advance(2.1 * interval);
  expect(scrapes.sent[1]?.stale).toContain("m");
});

test("a target that moves to another member gets no markers, and goes on here when it comes back", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"));
  await scrapes.next();
  scrapes.pool.share(() => false);
  expect(scrapes.pool.status()).toEqual([]);
  await scrapes.clock.advance(5 * interval);
  expect(scrapes.sent).toHaveLength(1);
  expect(scrapes.clock.pending).toBe(0);
  scrapes.pool.share(() => true);
  expect(await scrapes.next()).toMatchObject({ samples: ["m 1"], stale: [] });
  scrapes.pool.sync([]);
  await scrapes.clock.advance(3 * interval);
  expect(scrapes.sent.at(-1)?.stale).toContain("m");
});

test("a target that retires while others have it gets no markers from here", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"));
  await scrapes.next();
  scrapes.pool.sync([]);
  scrapes.pool.share(() => false);
  scrapes.pool.sync([target("a:1")]);
  await scrapes.clock.advance(5 * interval);
  expect(scrapes.sent).toHaveLength(1);
});

test("what runs in this process is scraped here, whoever has the rest", async () => {
  const inProcess = { ...target("a:1"), gather: async () => [] };
  await using scrapes = new Scrapes(exposing("m 1\n"), {}, [inProcess, target("b:1")]);
  scrapes.pool.share(() => false);
  expect(scrapes.pool.status().map(({ target: { url } }) => url)).toEqual(["http://a:1/metrics"]);
});
