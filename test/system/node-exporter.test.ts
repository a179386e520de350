import { expect, test } from "vitest";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";
import { exposedPage, startSondeWith } from "../support/sonde.ts";

/** All that are on by default and read files; what speaks to others (timex, systemd, …) has tests of its own. */
const defaults = (
  "arp bonding btrfs conntrack cpu cpufreq diskstats dmi edac entropy filefd filesystem hwmon ipvs kernel_hung loadavg " +
  "mdadm meminfo netclass netdev netstat nfs nfsd nvme os powersupplyclass pressure rapl schedstat selinux sockstat " +
  "softnet stat textfile thermal_zone time udp_queues uname vmstat watchdog xfs zfs"
).split(" ");

const offByDefault = (
  "buddyinfo cgroups cpu_vulnerabilities interrupts ksmd meminfo_numa mountstats processes slabinfo softirqs swap " +
  "sysctl tcpstat zoneinfo"
).split(" ");

/** The flags that turn Debian's defaults back into upstream's. */
const upstreamFlags = [
  "--collector.disable-defaults",
  "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)",
  "--collector.textfile.directory=",
];

interface Choice {
  readonly collectors: readonly string[];
  /** Settings of Sonde's component. */
  readonly settings: string;
  readonly flags: readonly string[];
}

const onlyDefaults: Choice = { collectors: defaults, settings: "", flags: [] };

const everything: Choice = {
  collectors: [...defaults, ...offByDefault],
  settings: `
  cpu: { info: true, flags_include: ., bugs_include: . }
  stat: { softirq: true }
  netdev: { address_info: true, label_ifalias: true }
  netstat: { fields: . }
  sysctl: { include: ["net.ipv4.tcp_rmem:min,default,max", kernel.pid_max], include_info: [kernel.ostype] }
  vmstat: { fields: . }
`,
  flags: [
    "--collector.cpu.info",
    "--collector.cpu.info.flags-include=.",
    "--collector.cpu.info.bugs-include=.",
    "--collector.stat.softirq",
    "--collector.netdev.address-info",
    "--collector.netdev.label-ifalias",
    "--collector.netstat.fields=.",
    "--collector.sysctl.include=net.ipv4.tcp_rmem:min,default,max",
    "--collector.sysctl.include=kernel.pid_max",
    "--collector.sysctl.include-info=kernel.ostype",
    "--collector.vmstat.fields=.",
  ],
};

/** The peer is 1.11.1, which sees a read-only mount only when `ro` is its sole option; Sonde does as 1.12 does. */
const differsByVersion = /^node_filesystem_readonly\{/;

/** What a moment later may be another set of series. */
const comesAndGoes = /^node_(processes_(threads_)?state|tcp_connection_states)\{/;

/** Netlink counts the backlogs of listening sockets as bytes; the files do not have them. */
const netlinkOnly = /^node_tcp_connection_states\{state="tx_queued_bytes"/;

/** How many objects a slab cache holds moves by hundreds with each connection of any process; the sizes stay compared. */
const slabCounts = /^node_slabinfo_(active_objects|objects)\{/;

const notCompared = [differsByVersion, comesAndGoes, netlinkOnly, slabCounts];

/** Families whose values do not move between two scrapes of a machine at work. */
const constant =
  /^node_(scrape_collector_success|boot_time_seconds|uname_info|os_|memory_MemTotal_bytes|memory_SwapTotal_bytes|filesystem_(size_bytes|files|readonly|mount_info)|disk_info|time_zone|time_clocksource|cpu_guest)/;

await describeWithServers("prometheus.exporter.unix beside a real node_exporter", ["node_exporter"], () => {
  test.each([
    { name: "by default", choice: onlyDefaults },
    { name: "with all that can run here", choice: everything },
  ])("has the same families, with the same HELP and TYPE, and the same series $name", async ({ choice }) => {
    const [ours, theirs] = await bothPages(choice);
    const lasting = (page: Page) => [...page.values.keys()].filter((series) => !comesAndGoes.test(series));
    expect(lasting(ours)).toEqual(lasting(theirs));
    expect(ours.comments).toEqual(theirs.comments);
  });

  test.each([
    { name: "by default", choice: onlyDefaults },
    { name: "with all that can run here", choice: everything },
  ])("has the same values $name: to the digit where nothing moves, closely where it does", async ({ choice }) => {
    // What is wrong is wrong every time; a busy machine may be far from where it was a moment ago once.
    let wrong = await wrongSeries(choice);
    for (let again = 0; again < 3 && wrong.size > 0; again++) {
      const now = await wrongSeries(choice);
      wrong = new Map([...now].filter(([series]) => wrong.has(series)));
    }
    expect([...wrong.values()]).toEqual([]);
  });

  test("answers collect[] and exclude[] as it does", async () => {
    await using pair = await bothServers(onlyDefaults);
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

/** What is said of each series whose value is not node_exporter's. */
async function wrongSeries(choice: Choice): Promise<Map<string, string>> {
  const [ours, theirs] = await bothPages(choice);
  const wrong = new Map<string, string>();
  for (const [series, want] of theirs.values) {
    if (notCompared.some((pattern) => pattern.test(series))) continue;
    const got = ours.values.get(series) ?? Number.NaN;
    const isRight = constant.test(series) ? got === want : isClose(series, got, want);
    if (!isRight) wrong.set(series, `${series} is ${got}, not ${want}`);
  }
  return wrong;
}

/** The pages of both, taken right after one another, without what only one exporter has about itself. */
async function bothPages(choice: Choice): Promise<[Page, Page]> {
  await using pair = await bothServers(choice);
  const pages = await Promise.all(pair.pages.map(async (url) => parsePage(await (await fetch(url)).text())));
  return pages as [Page, Page];
}

/** Sonde's page and node_exporter's, with the same collectors. */
async function bothServers({ collectors, settings, flags }: Choice) {
  await using stack = new AsyncDisposableStack();
  const sonde = stack.use(
    await startSondeWith(`
prometheus.exporter.unix.host:
  set_collectors: [${collectors.join(", ")}]
${settings}
prometheus.expose.host:
  targets: [prometheus.exporter.unix.host]
  listen_address: 127.0.0.1:0
`),
  );
  const exporter = stack.use(
    await startNodeExporter({
      flags: [...upstreamFlags, ...collectors.map((name) => `--collector.${name}`), ...flags],
    }),
  );
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
    .filter((line) => /^(# (HELP|TYPE) )?node_/.test(line) && !/node_(exporter_|scrape_collector_duration)/.test(line));
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
