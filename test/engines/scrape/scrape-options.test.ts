import { expect, test } from "vitest";
import type { Fetch } from "../../../src/engines/scrape/http-exposure.ts";
import { metricRelabeling } from "../../../src/engines/scrape/metric-relabeling.ts";
import type { RelabelRule } from "../../../src/signals/relabel-rule.ts";
import { turnsUntil } from "../../support/turns-until.ts";
import { exposing, interval, response, Scrapes, type Sent, settings } from "./scrapes.ts";

function rule(changes: Partial<RelabelRule>): RelabelRule {
  const defaults = {
    source_labels: [],
    separator: ";",
    regex: "(.*)",
    modulus: 0,
    target_label: "",
    replacement: "$1",
  };
  return { action: "replace", ...defaults, ...changes };
}

function relabeling(...rules: Partial<RelabelRule>[]) {
  return { metricRelabeling: metricRelabeling(rules.map(rule)) };
}

const dropGo = rule({ action: "drop", source_labels: ["__name__"], regex: "go_.*" });

test("rules drop series, which count as scraped and not as relabeled or added", async () => {
  await using scrapes = new Scrapes(exposing("go_a 1\nm 1\ngo_b 1\n"), relabeling(dropGo));
  expect(await scrapes.next()).toMatchObject({ samples: ["m 1"], reports: [1, 0, 3, 1, 1] });
  expect(await scrapes.next()).toMatchObject({ samples: ["m 1"], stale: [], reports: [1, 0, 3, 1, 0] });
});

test("rules see the target's labels and may change all of them", async () => {
  const rename = {
    source_labels: ["instance", "code"],
    regex: "(.*);(.*)",
    target_label: "where",
    replacement: "$2@$1",
  };
  await using scrapes = new Scrapes(
    exposing('m{code="200"} 1\n'),
    relabeling(rename, { action: "labeldrop", regex: "code" }),
  );
  expect((await scrapes.next()).samples).toEqual(['m{where="200@a:1"} 1']);
});

test("a series without any label is dropped; one without a name fails the scrape", async () => {
  await using empty = new Scrapes(exposing("m 1\n"), relabeling({ action: "labeldrop", regex: ".*" }));
  expect(await empty.next()).toMatchObject({ samples: [], reports: [1, 0, 1, 0, 0] });
  await using unnamed = new Scrapes(exposing("m 1\n"), relabeling({ action: "labeldrop", regex: "__name__" }));
  expect(await unnamed.next()).toMatchObject({ samples: [], reports: [0, 0, 1, 0, 0] });
});

test("the sample limit counts what the rules leave", async () => {
  const page = "go_a 1\ngo_b 1\nm 1\n";
  await using scrapes = new Scrapes(exposing(page, page, `${page}n 1\n`), { ...relabeling(dropGo), sampleLimit: 1 });
  expect((await scrapes.next()).reports).toEqual([1, 0, 3, 1, 1]);
  expect((await scrapes.next()).reports).toEqual([1, 0, 3, 1, 0]);
  expect((await scrapes.next()).reports).toEqual([0, 0, 4, 2, 0]);
});

test("new rules make markers for the series that they drop, and equal rules change nothing", async () => {
  await using scrapes = new Scrapes(exposing("go_a 1\nm 1\n"));
  await scrapes.next();
  scrapes.pool.update({ ...settings, ...relabeling(dropGo) });
  expect(await scrapes.next()).toMatchObject({ samples: ["m 1"], stale: ["go_a"], reports: [1, 0, 2, 1, 1] });
  scrapes.pool.update({ ...settings, ...relabeling(dropGo) });
  expect(await scrapes.next()).toMatchObject({ samples: ["m 1"], stale: [], reports: [1, 0, 2, 1, 0] });
});

test("with extra_metrics a scrape reports its timeout, its limit and the size of the page", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"), { extraMetrics: true, sampleLimit: 7 });
  expect((await scrapes.next()).reports).toEqual([1, 0, 1, 1, 1, 5, 7, 4]);
});

test("a page of the size limit is reported with the size -1", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"), { extraMetrics: true, bodySizeLimit: 4 });
  expect((await scrapes.next()).reports).toEqual([0, 0, 0, 0, 0, 5, 0, -1]);
});

test("with track_timestamps_staleness, series with timestamps of their own end with a marker", async () => {
  const at = 1_700_000_000_000 - 5000;
  await using scrapes = new Scrapes(exposing(`a 1 ${at}\n`, ""), { trackTimestampsStaleness: true });
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: ["a"] });
});

test("an exemplar is sent once, and again when it has changed", async () => {
  const type = "application/openmetrics-text; version=1.0.0";
  const page = (id: string, value: number) => response(`c_total 1 # {id="${id}"} ${value}\n# EOF\n`, type);
  const pages = [page("a", 1), page("a", 1), page("b", 1), page("b", 2)];
  await using scrapes = new Scrapes(async () => pages.shift()!);
  expect((await scrapes.next()).exemplars).toEqual(['c_total # {id="a"} 1']);
  expect((await scrapes.next()).exemplars).toEqual([]);
  expect((await scrapes.next()).exemplars).toEqual(['c_total # {id="b"} 1']);
  expect((await scrapes.next()).exemplars).toEqual(['c_total # {id="b"} 2']);
});

test("the exemplars of a failed scrape are not sent, and do not count as sent", async () => {
  const type = "application/openmetrics-text; version=1.0.0";
  const pages = ['c_total 1 # {id="a"} 1\n', 'c_total 1 # {id="a"} 1\n# EOF\n'].map((text) => response(text, type));
  await using scrapes = new Scrapes(async () => pages.shift()!);
  expect((await scrapes.next()).exemplars).toEqual([]);
  expect((await scrapes.next()).exemplars).toEqual(['c_total # {id="a"} 1']);
});

test("when the clock was set back a little, timestamps go on; when it was set back far, it is believed", async () => {
  await using scrapes = new Scrapes(exposing("m 1\n"));
  const { timestamp } = await scrapes.next();
  scrapes.clock.setWall(-interval - 1000);
  expect((await scrapes.next()).timestamp).toBe(timestamp + 1);
  scrapes.clock.setWall(-100 * interval);
  expect((await scrapes.next()).timestamp).toBeLessThan(timestamp - 50 * interval);
});

test("a target that changes its format has the same series as before, under the ids it had", async () => {
  const pages = [response("m 1\n"), response("m 2\n# EOF\n", "application/openmetrics-text"), response("n 3\n")];
  await using scrapes = new Scrapes(async () => pages.shift()!);
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: ["m 2"], stale: [], layout: 1 });
  expect(await scrapes.next()).toMatchObject({ samples: ["n 3"], stale: ["m"] });
});

const openMetrics = "application/openmetrics-text; version=1.0.0";

function exposingOpenMetrics(...pages: string[]): Fetch {
  return async () => response(`${pages.shift() ?? ""}# EOF\n`, openMetrics);
}

const counted = (since: string) => `# TYPE c counter\nc_total 5\n${since}# TYPE g gauge\ng 1\n`;

/** The readers of what is rare come by `import()`, which no clock of a test waits for. */
async function nextOf(scrapes: Scrapes): Promise<Sent> {
  const before = scrapes.sent.length;
  await scrapes.clock.advance(interval);
  await turnsUntil(() => scrapes.sent.length > before);
  return scrapes.sent[before]!;
}

test("with start timestamps created series are no samples, and say since when others count", async () => {
  const fetch = exposingOpenMetrics(
    counted("c_created 1.5\n"),
    counted("c_created 1.5\nc_total"),
    "g 1\n",
    counted(""),
  );
  await using scrapes = new Scrapes(fetch, { startTimestamps: true });
  expect(await nextOf(scrapes)).toMatchObject({ samples: ["c_total 5", "g 1"], starts: [1500, 0, 0, 0, 0, 0, 0] });
  // What a failed scrape says counts for nothing.
  expect(await nextOf(scrapes)).toMatchObject({ samples: [], reports: [0, 0, 1, 1, 0], starts: undefined });
  expect(await nextOf(scrapes)).toMatchObject({ samples: ["g 1"], starts: undefined });
  expect(await nextOf(scrapes)).toMatchObject({ samples: ["c_total 5", "g 1"], starts: undefined });
});

test("without them created series are samples like others, as in Prometheus", async () => {
  await using scrapes = new Scrapes(exposingOpenMetrics(counted("c_created 1.5\n")));
  expect(await scrapes.next()).toMatchObject({ samples: ["c_total 5", "c_created 1.5", "g 1"], starts: undefined });
});

test("starts stay with their series where rows are dropped, and a start behind its sample is none", async () => {
  const page =
    "# TYPE go_a counter\ngo_a_total 1\ngo_a_created 1\n# TYPE b counter\nb_total 2 3\nb_created 4\n# TYPE c counter\nc_total 3 3\nc_created 2\n";
  const fetch = exposingOpenMetrics(page, page.replaceAll(" 3\n", " 5\n"));
  await using scrapes = new Scrapes(fetch, { startTimestamps: true, ...relabeling(dropGo) });
  expect((await nextOf(scrapes)).starts).toEqual([0, 2000, 0, 0, 0, 0, 0]);
  expect((await nextOf(scrapes)).starts?.slice(0, 2)).toEqual([4000, 2000]);
});

test("a histogram that is made of classic series has their start", async () => {
  const page = '# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_count 3\nh_sum 2\nh_created 1.5\n';
  const settings = { startTimestamps: true, nativeHistograms: true, convertClassicHistograms: true };
  await using scrapes = new Scrapes(exposingOpenMetrics(page), settings);
  expect((await nextOf(scrapes)).histogramStarts).toEqual([1500]);
});

test("a duration has no more digits than the clock", async () => {
  const scrapes: Scrapes = new Scrapes(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    scrapes.clock.after(0.1, resolve);
    await promise;
    return response("m 1\n");
  });
  await using _ = scrapes;
  await scrapes.next();
  expect((await scrapes.next()).reports[1]).toBe(0.0001);
});
