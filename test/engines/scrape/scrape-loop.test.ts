import { expect, test } from "vitest";
import { ScrapeFailure } from "../../../src/engines/scrape/failure.ts";
import { HttpError } from "../../../src/lib/http-error.ts";
import type { MetricFamily } from "../../../src/signals/metric-family.ts";
import { turnsUntil } from "../../support/turns-until.ts";
import { exposing, interval, response, Scrapes, settings, target } from "./scrapes.ts";

const down = new HttpError("connection refused by a:1");

test("a scrape gives the samples and the report series, all at one timestamp", async () => {
  await using scrapes = new Scrapes(exposing('m{a="1"} 1\nm{a="2"} 2\n'));
  const { samples, reports, stale, timestamp } = await scrapes.next();
  expect(samples).toEqual(['m{a="1"} 1', 'm{a="2"} 2']);
  expect(reports).toEqual([1, 0, 2, 2, 2]);
  expect(stale).toEqual([]);
  expect((await scrapes.next()).timestamp).toBe(timestamp + interval);
});

test("every series has the target's labels, but for those that begin with __", async () => {
  const labels = { env: "prod", __meta_x: "y", job: "own" };
  await using scrapes = new Scrapes(exposing("m 1\n"), {}, [target("b:2", labels)]);
  const { samples } = await scrapes.next();
  expect(samples).toEqual(['m{env="prod",instance="b:2",job="own"} 1']);
});

test("the layout stays while the same series come in the same order", async () => {
  const fetch = exposing("a 1\nb 1\n", "a 2\nb 2\n", "b 3\na 3\n", "b 4\na 4\n", "b 5\n", "b 6\n");
  await using scrapes = new Scrapes(fetch);
  const layouts = [];
  for (let scrape = 0; scrape < 6; scrape++) layouts.push((await scrapes.next()).layout);
  expect(layouts).toEqual([1, 1, 2, 2, 3, 4]);
});

test("a series that vanishes gets one marker, and is added again when it comes back", async () => {
  await using scrapes = new Scrapes(exposing("a 1\nb 1\n", "a 2\n", "a 3\n", "a 4\nb 4\n"));
  await scrapes.next();
  const second = await scrapes.next();
  expect(second).toMatchObject({ samples: ["a 2"], stale: ["b"], reports: [1, 0, 1, 1, 0] });
  expect(await scrapes.next()).toMatchObject({ samples: ["a 3"], stale: [] });
  expect(await scrapes.next()).toMatchObject({ samples: ["a 4", "b 4"], stale: [], reports: [1, 0, 2, 2, 1] });
});

test("a failed scrape marks everything once, and a recovery adds nothing anew", async () => {
  await using scrapes = new Scrapes(exposing("a 1\nb 1\n", down, down, "a 4\nb 4\n"));
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: ["a", "b"], reports: [0, 0, 0, 0, 0] });
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: [], reports: [0, 0, 0, 0, 0] });
  expect(await scrapes.next()).toMatchObject({ samples: ["a 4", "b 4"], stale: [], reports: [1, 0, 2, 2, 0] });
  expect(scrapes.results[1]?.failure).toEqual({ reason: "unreachable", message: "connection refused by a:1" });
});

test("what stood before a mistake in the text is neither written nor marked", async () => {
  await using scrapes = new Scrapes(exposing("a 1\nb 1\nc 1\n", "a 2\nb 2\n?\nc 2\n", "a 3\nb 3\nc 3\n"));
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: ["c"], reports: [0, 0, 2, 2, 0] });
  expect(scrapes.results[1]?.failure).toEqual({
    reason: "content",
    message: 'cannot parse the answer: line 3: expected a metric name, found "?"',
  });
  expect(await scrapes.next()).toMatchObject({ samples: ["a 3", "b 3", "c 3"], stale: [], reports: [1, 0, 3, 3, 0] });
});

test("an empty answer is a success that marks everything", async () => {
  await using scrapes = new Scrapes(exposing("a 1\n", ""));
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: ["a"], reports: [1, 0, 0, 0, 0] });
});

test("series with timestamps of their own get no markers", async () => {
  const at = 1_700_000_000_000 - 5000;
  await using scrapes = new Scrapes(exposing(`a 1 ${at}\nb 1\n`, "b 2\n", `a 3 ${at}\na 4 ${at + 1}\n`));
  expect(await scrapes.next()).toMatchObject({ samples: [`a 1 @${at}`, "b 1"], reports: [1, 0, 2, 2, 2] });
  expect(await scrapes.next()).toMatchObject({ samples: ["b 2"], stale: [] });
  // The first is not newer than what was sent already.
  expect(await scrapes.next()).toMatchObject({ samples: [`a 4 @${at + 1}`], stale: ["b"], reports: [1, 0, 2, 2, 1] });
});

test("timestamps of its own are passed over without honor_timestamps", async () => {
  await using scrapes = new Scrapes(exposing("a 1 5\n", ""), { honorTimestamps: false });
  expect((await scrapes.next()).samples).toEqual(["a 1"]);
  expect((await scrapes.next()).stale).toEqual(["a"]);
});

test("samples more than ten minutes ahead are dropped, and the target stays up", async () => {
  await using scrapes = new Scrapes(exposing(`a 1 ${1_700_000_000_000 + 3_600_000}\nb 1\n`));
  expect(await scrapes.next()).toMatchObject({ samples: ["b 1"], reports: [1, 0, 2, 2, 1] });
});

test("of a series that is exposed twice the first sample counts; spelled differently both are sent", async () => {
  await using scrapes = new Scrapes(exposing('m{a="1",b="2"} 1\nm{a="1",b="2"} 2\nm{b="2",a="1"} 3\n'));
  expect(await scrapes.next()).toMatchObject({
    samples: ['m{a="1",b="2"} 1', 'm{a="1",b="2"} 3'],
    reports: [1, 0, 3, 3, 2],
  });
});

test("the same labels in another spelling are the same series", async () => {
  await using scrapes = new Scrapes(exposing('m{a="1",b="2"} 1\n', 'm{ b="2", a="1" } 2\n'));
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: ['m{a="1",b="2"} 2'], stale: [] });
});

test("le is written as in OpenMetrics, by the last TYPE", async () => {
  await using scrapes = new Scrapes(exposing('# TYPE h histogram\nh_bucket{le="1"} 1\n# TYPE g gauge\ng{le="1"} 1\n'));
  expect((await scrapes.next()).samples).toEqual(['h_bucket{le="1.0"} 1', 'g{le="1"} 1']);
});

test("too many samples fail the scrape; what was seen below the limit is not marked", async () => {
  const fetch = exposing("a 1\nb 1\n", "a 2\nb 2\nc 2\n", "a 3\n");
  await using scrapes = new Scrapes(fetch, { sampleLimit: 2 });
  await scrapes.next();
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: [], reports: [0, 0, 3, 3, 0] });
  expect(scrapes.results[1]?.failure).toEqual({ reason: "sample_limit", message: "3 samples; sample_limit is 2" });
  // Upstream marks c too, although it was never written.
  expect(await scrapes.next()).toMatchObject({ samples: ["a 3"], stale: ["b", "c"] });
});

test("one series with too many or too long labels, or with one twice, fails the scrape", async () => {
  async function f(text: string, limits: object, reason: string, message: string): Promise<void> {
    await using scrapes = new Scrapes(exposing(`a 1\n${text} 1\nb 1\n`), limits);
    expect(await scrapes.next()).toMatchObject({ samples: [], reports: [0, 0, 2, 1, 1] });
    expect(scrapes.results[0]?.failure).toEqual({ reason, message });
  }
  await f('m{x="1"}', { labelLimit: 3 }, "label_limit", "a series of m has 4 labels; label_limit is 3");
  await f(
    'm{néme12345="1"}'.replace("néme12345", '"néme12345"'),
    { labelNameLengthLimit: 9 },
    "label_limit",
    'the label name "néme12345" has 10 bytes; label_name_length_limit is 9',
  );
  await f(
    'm{x="12345"}',
    { labelValueLengthLimit: 4 },
    "label_limit",
    'the label value of "x" "12345" has 5 bytes; label_value_length_limit is 4',
  );
  await f('m{x="1",x="1"}', {}, "labels", 'the label "x" comes twice');
  await f('{"",x="1"}', {}, "labels", "a series has no name");
  await f('m{""="1"}', {}, "labels", "a label of m has an empty name");
});

test("a wrong type of answer fails the scrape, unless the answer is empty", async () => {
  const answers = [response("<html>", "text/html"), response("", "text/html")];
  await using scrapes = new Scrapes(async () => answers.shift()!);
  expect((await scrapes.next()).reports).toEqual([0, 0, 0, 0, 0]);
  expect((await scrapes.next()).reports).toEqual([1, 0, 0, 0, 0]);
  expect(scrapes.results[0]?.failure?.message).toBe(
    'the answer\'s Content-Type is "text/html"; if it is a page of metrics, set fallback_scrape_protocol',
  );
});

test("an answer that takes longer than the timeout is a failure, and the next tick scrapes again", async () => {
  let asked = 0;
  await using scrapes = new Scrapes(async (request) => {
    if (++asked > 1) return response("a 1\n");
    return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  });
  await scrapes.clock.advance(interval);
  await scrapes.clock.advance(5000);
  expect(scrapes.results[0]).toMatchObject({
    durationSeconds: 5,
    failure: { reason: "timeout", message: "no complete answer within 5s" },
  });
  await scrapes.clock.advance(interval);
  expect(scrapes.sent.at(-1)).toMatchObject({ samples: ["a 1"], timestamp: scrapes.sent[0]!.timestamp + interval });
});

test("an error that nobody foresaw ends the pool", async () => {
  const scrapes = new Scrapes(exposing(new TypeError("broken")));
  const ended = expect(scrapes.ended).rejects.toThrow("broken");
  await scrapes.clock.advance(interval);
  await ended;
});

test("memory does not grow with series that come and go", async () => {
  let scrape = 0;
  await using scrapes = new Scrapes(async () => {
    scrape++;
    const gone = Array.from({ length: 1000 }, (_, n) => `m{n="${scrape}-${n}"} 1\n`);
    return response(`kept 1\n${gone.join("")}`);
  });
  const sizes: number[] = [];
  for (let count = 0; count < 8; count++) {
    const { series, stale, samples, reports } = await scrapes.next();
    sizes.push(series.size);
    expect(samples.length).toBe(1001);
    expect(reports[4]).toBe(count === 0 ? 1001 : 1000);
    expect(stale.length).toBe(count === 0 ? 0 : 1000);
  }
  expect(Math.max(...sizes)).toBeLessThan(5000);
});

test("failing scrapes with ever new series do not make memory grow either", async () => {
  let scrape = 0;
  await using scrapes = new Scrapes(
    async () => {
      scrape++;
      return response(Array.from({ length: 1000 }, (_, n) => `m{n="${scrape}-${n}"} 1\n`).join(""));
    },
    { sampleLimit: 10 },
  );
  for (let count = 0; count < 8; count++) expect((await scrapes.next()).series.size).toBeLessThan(5000);
});

test("an exporter in this process is asked without HTTP, and gives the same series as its page would", async () => {
  const family = (value: number, ...names: string[]): MetricFamily[] => [
    { name: "m", help: "", type: "gauge", samples: names.map((n) => ({ name: "m", labels: ["n", n], value })) },
    { name: "h", help: "", type: "histogram", samples: [{ name: "h_bucket", labels: ["le", "1"], value }] },
  ];
  const answers = [family(1, "x", "y"), family(2, "y"), new Error("no /proc here"), family(4, "y")];
  const gather = async () => {
    const answer = answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  await using scrapes = new Scrapes(exposing(new ScrapeFailure("unreachable", "unused")), {}, [
    { ...target("a:1", { job: "test" }), gather },
  ]);
  expect(await scrapes.next()).toMatchObject({ samples: ['m{n="x"} 1', 'm{n="y"} 1', 'h_bucket{le="1.0"} 1'] });
  expect(await scrapes.next()).toMatchObject({ samples: ['m{n="y"} 2', 'h_bucket{le="1.0"} 2'], stale: ['m{n="x"}'] });
  expect(await scrapes.next()).toMatchObject({ samples: [], stale: ['m{n="y"}', 'h_bucket{le="1.0"}'] });
  expect(await scrapes.next()).toMatchObject({
    samples: ['m{n="y"} 4', 'h_bucket{le="1.0"} 4'],
    reports: [1, 0, 2, 2, 0],
  });
  expect(scrapes.results[2]?.failure).toEqual({ reason: "exporter", message: "no /proc here" });
});

test("classic histograms become native ones over HTTP and in this process alike, as soon as that is wanted", async () => {
  const page = '# TYPE h histogram\nh_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 2\n# TYPE g gauge\ng 3\n';
  const gather = async (): Promise<MetricFamily[]> => [
    {
      name: "h",
      help: "",
      type: "histogram",
      samples: [
        { name: "h_bucket", labels: ["le", "1"], value: 1 },
        { name: "h_bucket", labels: ["le", "+Inf"], value: 2 },
      ],
    },
    { name: "g", help: "", type: "gauge", samples: [{ name: "g", labels: [], value: 3 }] },
  ];
  const classic = ['h_bucket{le="1.0"} 1', 'h_bucket{le="+Inf"} 2', "g 3"];
  for (const one of [target("a:1"), { ...target("a:1"), gather }]) {
    await using scrapes = new Scrapes(exposing(page), {}, [one]);
    // The first conversion waits for its reader to be loaded.
    const next = async () => {
      const at = scrapes.sent.length;
      await scrapes.clock.advance(interval);
      await turnsUntil(() => scrapes.sent.length > at);
      return scrapes.sent[at];
    };
    expect(await next()).toMatchObject({ samples: classic, histograms: [], reports: [1, 0, 3, 3, 3] });
    scrapes.pool.update({ ...settings, nativeHistograms: true, convertClassicHistograms: true });
    for (const added of [1, 0]) {
      expect(await next()).toMatchObject({
        samples: ["g 3"],
        histograms: ["h count 2, bounds 1"],
        stale: added === 1 ? ['h_bucket{le="1.0"}', 'h_bucket{le="+Inf"}'] : [],
        reports: [1, expect.any(Number), 2, 2, added],
      });
    }
    scrapes.pool.update({ ...settings, nativeHistograms: true });
    expect(await next()).toMatchObject({ samples: classic, histograms: [], stale: ["h"] });
  }
});

test("collect[] and exclude[] of params reach an exporter in this process, as they would its page", async () => {
  const queries: object[] = [];
  const gather = async (query: object) => {
    queries.push(query);
    return [];
  };
  const params = { "collect[]": ["cpu", "meminfo"], "exclude[]": ["os"], other: ["x"] };
  await using scrapes = new Scrapes(exposing(""), { params }, [{ ...target("a:1"), gather }]);
  await scrapes.next();
  expect(queries[0]).toEqual({ collect: ["cpu", "meminfo"], exclude: ["os"] });
});

test("an exporter that hangs is not asked a second time meanwhile", async () => {
  let asked = 0;
  const gather = () => {
    asked++;
    return new Promise<never>(() => {});
  };
  await using scrapes = new Scrapes(exposing(""), {}, [{ ...target("a:1"), gather }]);
  await scrapes.clock.advance(3 * interval);
  expect(asked).toBe(1);
  expect(scrapes.results.map(({ failure }) => failure?.message).slice(0, 2)).toEqual([
    "no complete answer within 5s",
    "the exporter still works on an earlier scrape",
  ]);
});
