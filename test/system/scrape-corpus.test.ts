import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptedCases, generalDifferences } from "../corpus/accepted-differences.ts";
import { categoryOf, scrapeCorpus } from "../corpus/corpus.ts";
import { featureFlags, type Job, jobs, sondeSettings } from "../corpus/jobs.ts";
import { comparedScrapes, type ScrapeCase } from "../corpus/scrape-case.ts";
import { unsafeCorpus } from "../corpus/text.ts";
import { type CorpusServer, startCorpusServer } from "../support/corpus-server.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { eventually } from "../support/eventually.ts";
import type { Exit, TestProcess } from "../support/process.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { countScrapes, recordScrapes, type TargetRecord } from "../support/scrape-record.ts";
import { type Server, startPrometheus } from "../support/servers.ts";
import { root, startSondeWith } from "../support/sonde.ts";

const interval = "6s";
const now = Date.now();
/** `CORPUS_ONLY='^text:'` compares a part. */
const isPart = process.env.CORPUS_ONLY !== undefined;
const wanted = new RegExp(process.env.CORPUS_ONLY ?? "");
const wantedOf = (cases: readonly ScrapeCase[]) => cases.filter(({ name }) => wanted.test(name));
const corpus = wantedOf(scrapeCorpus(now));
const unsafe = unsafeCorpus();
const categories = [...new Set(corpus.map(categoryOf))];
const usedJobs = Object.entries(jobs).filter(([name]) => corpus.some(({ job }) => job === name));

await describeWithServers("a corpus of pages, scraped by Sonde and by a real Prometheus", ["prometheus"], () => {
  const resources = new AsyncDisposableStack();
  let server: CorpusServer;
  let sides: readonly [prometheus: Side, sonde: Side];

  beforeAll(async () => {
    const served = Promise.withResolvers<readonly ScrapeCase[]>();
    server = resources.use(await startCorpusServer([...corpus, ...unsafe], served.promise));
    const fromPrometheus = resources.use(await startReceiver());
    const fromSonde = resources.use(await startReceiver());
    const peers: Server[] = [];
    for (const flags of [[], featureFlags]) {
      const config = prometheusConfig(server, fromPrometheus.url, flags.length > 0);
      peers.push(resources.use(await startPrometheus({ config, flags, isAgent: true })));
    }
    // Prometheus sends no sample that is older than itself, however long it took to start.
    served.resolve([...wantedOf(scrapeCorpus(Date.now())), ...unsafe]);
    const sonde = resources.use(await startSondeWith(sondeConfig(server, fromSonde.url)));
    const ends = [...peers, sonde.process].map(({ exited }) => exited.then(endedEarly));
    sides = await Promise.race([
      Promise.all([scraped(fromPrometheus), scraped(fromSonde)]),
      bug(sonde.process),
      ...ends,
    ]);
    // Their end is wanted from now on.
    for (const end of ends) end.catch(() => {});
  }, 240_000);

  afterAll(() => resources.disposeAsync());

  test.each(categories)("%s: the same series, values, timestamps, markers and reports", (category) => {
    const cases = corpus.filter((one) => categoryOf(one) === category && !(one.name in acceptedCases));
    expect(cases.map((one) => difference(one, ...sides)).join("")).toBe("");
  });

  test("cases whose difference is accepted do differ", () => {
    const accepted = corpus.filter(({ name }) => name in acceptedCases);
    expect(accepted.filter((one) => difference(one, ...sides) === "")).toEqual([]);
  });

  test.skipIf(isPart)("the corpus has pages that are taken and pages that are refused in every category", () => {
    for (const category of categories) {
      const ups = corpus.filter((one) => categoryOf(one) === category).map((one) => firstUp(sides[0].get(one.name)));
      expect(Math.min(...["0", "1"].map((value) => ups.filter((up) => up === value).length)), category).toBeGreaterThan(
        4,
      );
    }
  });

  test.skipIf(isPart)("markers, exemplars, histograms and timestamps are among what is compared", () => {
    const lines = [...sides[0].values()].flatMap((record) => phases(record).flat());
    for (const pattern of [/ stale$/, /\} # \{/, /"kind":"integer"/, /"kind":"float"/, / @\d+$/]) {
      expect(lines.filter((line) => pattern.test(line)).length, String(pattern)).toBeGreaterThan(10);
    }
  });

  test.each(usedJobs.map(([job]) => job))("the request of the job %s has the same headers", (job) => {
    const one = corpus.find((candidate) => candidate.job === job);
    const [theirs, ours] = ["Prometheus", "sonde"].map((client) => one && server.headers(client, one));
    const { host: _, connection: __, "user-agent": ___, ...compared } = theirs ?? {};
    expect(ours).toMatchObject(compared);
  });

  test.each(unsafe)("Sonde refuses $name, where Prometheus 3.5 crashes or reads a wrong name", ({ name }) => {
    const { scrapes } = sides[1].get(name) ?? { scrapes: [] };
    expect(
      scrapes.slice(0, 1).map((lines) => lines.map((line) => line.replace(/^\{"__name__"="(\w+)".*\}/, "$1"))),
    ).toEqual([
      [
        "scrape_duration_seconds seconds",
        "scrape_samples_post_metric_relabeling 0",
        "scrape_samples_scraped 0",
        "scrape_series_added 0",
        "up 0",
      ],
    ]);
  });

  test.runIf(process.env.CORPUS_TABLE)("prints how many cases are equal", () => {
    const equal = corpus.filter((one) => difference(one, ...sides) === "");
    console.info(resultTable(corpus, (cases) => cases.filter((one) => equal.includes(one)).length));
  });
});

test.skipIf(isPart)("docs/compatibility.md tells the size of the corpus and every accepted difference", () => {
  const page = readFileSync(join(root, "docs/compatibility.md"), "utf8");
  const isEqual = ({ name }: ScrapeCase) => !(name in acceptedCases);
  expect(page).toContain(resultTable(corpus, (cases) => cases.filter(isEqual).length));
  for (const { what, reason } of generalDifferences) expect(page).toContain(`| ${what} | ${reason} |\n`);
  for (const [name, reason] of Object.entries(acceptedCases)) expect(page).toContain(`| ${name} | ${reason} |\n`);
});

function resultTable(all: readonly ScrapeCase[], countEqual: (cases: readonly ScrapeCase[]) => number): string {
  const rows = [...categories, ""].map((category) => {
    const cases = all.filter((one) => category === "" || categoryOf(one) === category);
    const accepted = cases.filter(({ name }) => name in acceptedCases);
    return `| ${category || "all"} | ${cases.length} | ${countEqual(cases)} | ${accepted.length} |\n`;
  });
  return `| category | cases | equal | accepted differences |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

type Side = ReadonlyMap<string, TargetRecord>;

/** Resolves when the compared scrapes of all targets have arrived whole, which the next scrape shows. */
async function scraped(receiver: TestReceiver): Promise<Side> {
  await eventually(() => {
    const counts = countScrapes(receiver.requests);
    const missing = corpus.filter(({ name }) => (counts.get(name) ?? 0) <= comparedScrapes);
    if (missing.length === 0) return;
    const names = missing.slice(0, 20).map(({ name }) => name);
    throw new Error(`${missing.length} targets are not scraped so far, among them ${names.join(", ")}`);
  }, 120_000);
  return recordScrapes(receiver.requests, now);
}

function endedEarly({ stdout, stderr }: Exit): never {
  throw new Error(
    `a process ended before the scrapes were compared:\n${stdout.slice(-2_000)}${stderr.slice(0, 4_000)}`,
  );
}

function firstUp(record: TargetRecord | undefined): string | undefined {
  const line = record?.scrapes[0]?.find((one) => one.includes('"__name__"="up"'));
  return line?.slice(line.lastIndexOf(" ") + 1);
}

/** Rejects when a component fails while it starts or shortly after. */
async function bug(process: TestProcess): Promise<never> {
  const line = await process.output(/^.*msg="component failed".*$/m).catch(() => undefined);
  if (line !== undefined) throw new Error(line[0]);
  return new Promise(() => {});
}

/** Both sides of a case where they are not equal; "" where they are. */
function difference({ name, pages }: ScrapeCase, prometheus: Side, sonde: Side): string {
  const [theirs, ours] = [prometheus, sonde].map((side) => phases(side.get(name)));
  const phasesThatDiffer = (theirs ?? []).flatMap((lines, at) => {
    const others = ours?.[at] ?? [];
    const missing = without(lines, others).map((line) => `    Prometheus: ${line}\n`);
    const surplus = without(others, lines).map((line) => `    Sonde:      ${line}\n`);
    if (missing.length + surplus.length === 0) return [];
    return [`  ${titleOf(pages, at)}\n`, ...missing, ...surplus];
  });
  return phasesThatDiffer.length === 0 ? "" : `${name}\n${phasesThatDiffer.join("")}`;
}

function titleOf(pages: ScrapeCase["pages"], at: number): string {
  if (at === comparedScrapes) return "explicit timestamps";
  const page = pages[Math.min(at, pages.length - 1)];
  return `scrape ${at + 1} of ${JSON.stringify(page?.raw ?? page?.body.toString("latin1")).slice(0, 400)}`;
}

function phases(record: TargetRecord | undefined): readonly (readonly string[])[] {
  if (record === undefined) return [];
  return [...record.scrapes.slice(0, comparedScrapes), record.stamped];
}

/** The lines that `others` has not, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** JSON is YAML, and leaves no question of quoting. */
function prometheusConfig(server: CorpusServer, receiver: string, hasFeatures: boolean): string {
  const ofProcess = usedJobs.filter(([, { sonde }]) => (sonde !== undefined) === hasFeatures);
  return JSON.stringify({
    scrape_configs: ofProcess.map(([name, { settings }]) => ({
      job_name: name,
      scrape_interval: interval,
      scrape_timeout: interval,
      ...settings,
      static_configs: targetsOf(server, corpus, name),
    })),
    remote_write: [
      {
        url: receiver,
        protobuf_message: hasFeatures ? "io.prometheus.write.v2.Request" : "prometheus.WriteRequest",
        send_exemplars: true,
        send_native_histograms: true,
        metadata_config: { send: false },
        // One shard, so that samples arrive in the order of the scrapes.
        queue_config: { batch_send_deadline: "100ms", max_shards: 1, capacity: 20_000, max_samples_per_send: 5_000 },
      },
    ],
  });
}

function sondeConfig(server: CorpusServer, receiver: string): string {
  const entries = usedJobs.map(([name, job]) => [`prometheus.scrape.${idOf(name)}`, scrape(name, job)]);
  function scrape(name: string, job: Job): Record<string, unknown> {
    return {
      job_name: name,
      scrape_interval: interval,
      scrape_timeout: interval,
      ...sondeSettings(job),
      static_configs: targetsOf(server, [...corpus, ...unsafe], name),
      forward_to: [`prometheus.remote_write.${job.sonde === undefined ? "first" : "second"}`],
    };
  }
  const config = {
    ...Object.fromEntries(entries),
    "prometheus.remote_write.first": {
      queue_config: { batch_send_deadline: "100ms" },
      endpoints: [{ url: receiver }],
    },
    // Native histograms with custom buckets travel in 2.0 only.
    "prometheus.remote_write.second": {
      queue_config: { batch_send_deadline: "100ms" },
      endpoints: [{ url: receiver, protobuf_message: "io.prometheus.write.v2.Request" }],
    },
  };
  return JSON.stringify(config, null, 1);
}

function idOf(job: string): string {
  return job.replaceAll(" ", "_");
}

function targetsOf(server: CorpusServer, cases: readonly ScrapeCase[], job: string): Record<string, unknown>[] {
  return cases
    .filter((one) => one.job === job)
    .map((one) => ({
      targets: [new URL(server.url).host],
      labels: { case: one.name, __metrics_path__: server.pathOf(one) },
    }));
}
