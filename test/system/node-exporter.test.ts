import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";
import { exposedPage, startSonde } from "../support/sonde.ts";
import { tempDir } from "../support/temp-dir.ts";

const collectors = [
  "cpu",
  "diskstats",
  "filesystem",
  "loadavg",
  "meminfo",
  "netdev",
  "os",
  "stat",
  "time",
  "timex",
  "uname",
  "vmstat",
];

/** The flags that turn Debian's defaults back into upstream's. */
const upstreamFlags = [
  "--collector.disable-defaults",
  ...collectors.map((name) => `--collector.${name}`),
  "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
];

/** The peer is 1.11.1, which sees a read-only mount only when `ro` is its sole option; Sonde does as 1.12 does. */
const differsByVersion = /^node_filesystem_readonly\{/;

/** Families whose values do not move between two scrapes of a machine at work. */
const constant =
  /^node_(boot_time_seconds|uname_info|os_|memory_MemTotal_bytes|memory_SwapTotal_bytes|filesystem_(size_bytes|files|readonly|mount_info)|disk_info|time_zone|time_clocksource|cpu_guest)/;

await describeWithServers("prometheus.exporter.unix beside a real node_exporter", ["node_exporter"], () => {
  test("has the same families, with the same HELP and TYPE, and the same series", async () => {
    const [ours, theirs] = await bothPages();
    expect(ours.comments).toEqual(theirs.comments);
    expect([...ours.values.keys()]).toEqual([...theirs.values.keys()]);
  });

  test("has the same values: to the digit where nothing moves, closely where it does", async () => {
    const [ours, theirs] = await bothPages();
    const wrong = [...theirs.values].filter(([series, want]) => {
      const got = ours.values.get(series) ?? Number.NaN;
      if (differsByVersion.test(series)) return false;
      return constant.test(series) ? got !== want : !isClose(series, got, want);
    });
    expect(wrong.map(([series, want]) => `${series} is ${ours.values.get(series)}, not ${want}`)).toEqual([]);
  });

  test("answers collect[] and exclude[] as it does", async () => {
    await using pair = await bothServers();
    const answer = async (url: string, query: string) => {
      const response = await fetch(`${url}?${query}`);
      const text = await response.text();
      const families = [...parsePage(text).values.keys()].map((series) => series.replace(/\{.*/, ""));
      return { status: response.status, said: response.ok ? [...new Set(families)] : text };
    };
    for (const query of [
      "collect[]=loadavg&collect[]=time",
      "exclude[]=cpu&exclude[]=diskstats&exclude[]=nobody",
      "collect[]=nobody",
      "collect[]=time&exclude[]=cpu",
    ]) {
      const [ours, theirs] = await Promise.all(pair.pages.map((url) => answer(url, query)));
      expect(ours, query).toEqual(theirs);
    }
  });
});

/** The pages of both, taken right after one another, without what only one exporter has about itself. */
async function bothPages(): Promise<[Page, Page]> {
  await using pair = await bothServers();
  const pages = await Promise.all(pair.pages.map(async (url) => parsePage(await (await fetch(url)).text())));
  return pages as [Page, Page];
}

/** Sonde's page and node_exporter's, with the same collectors. */
async function bothServers() {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(tempDir());
  const config = join(dir.path, "sonde.yaml");
  writeFileSync(
    config,
    `
prometheus.exporter.unix.host: {}
prometheus.expose.host:
  targets: [prometheus.exporter.unix.host]
  listen_address: 127.0.0.1:0
`,
  );
  const sonde = stack.use(await startSonde(config));
  const exporter = stack.use(await startNodeExporter({ flags: upstreamFlags }));
  const pages = [await exposedPage(sonde, "prometheus.expose.host"), `${exporter.url}/metrics`];
  const running = stack.move();
  return { pages, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

interface Page {
  readonly comments: readonly string[];
  readonly values: ReadonlyMap<string, number>;
}

function parsePage(text: string): Page {
  const lines = text
    .split("\n")
    .filter((line) => /^(# (HELP|TYPE) )?node_/.test(line) && !/node_(exporter|scrape)_/.test(line));
  const samples = lines.filter((line) => !line.startsWith("#"));
  const pairs = samples.map((line): [string, number] => [line.slice(0, line.lastIndexOf(" ")), toNumber(line)]);
  return { comments: lines.filter((line) => line.startsWith("#")), values: new Map(pairs) };
}

function toNumber(line: string): number {
  return Number(line.slice(line.lastIndexOf(" ") + 1).replace("Inf", "Infinity"));
}

/** A gauge of a busy machine may move a lot in a moment; what is checked is its unit and its place. */
function isClose(series: string, got: number, want: number): boolean {
  const slack = series.includes("bytes") ? 64 * 2 ** 20 : 200;
  return Math.abs(got - want) <= Math.max(0.2 * Math.abs(want), slack);
}
