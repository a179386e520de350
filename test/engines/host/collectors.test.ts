import { cpSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectorNames, selectCollectors } from "../../../src/engines/host/collectors.ts";
import { nameFilter } from "../../../src/engines/host/options.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fixtureExporter, metalFiles, metalFixture } from "./fixture-host.ts";

test("lists set, add and take away; taking away wins", () => {
  const f = (set: string[] | undefined, enable: string[], disable: string[], want: string[]) =>
    expect(selectCollectors({ set, enable, disable }).map(({ name }) => name)).toEqual(want);

  f(["time", "cpu"], [], [], ["cpu", "time"]);
  f(["time"], ["cpu"], [], ["cpu", "time"]);
  f(["time"], ["cpu"], ["cpu"], ["time"]);
  f([], [], [], []);
  const defaults = selectCollectors({ enable: [], disable: [] }).map(({ name }) => name);
  f(undefined, [], ["cpu"], without("cpu", defaults));
  f(undefined, ["slabinfo"], [], [...defaults, "slabinfo"].sort());
});

function without(name: string, names: readonly string[]): string[] {
  return names.filter((one) => one !== name);
}

test("what upstream leaves off by default is off", () => {
  const defaults = selectCollectors({ enable: [], disable: [] }).map(({ name }) => name);
  expect(collectorNames.filter((name) => !defaults.includes(name))).toEqual(
    "buddyinfo cgroups cpu_vulnerabilities interrupts ksmd meminfo_numa mountstats processes slabinfo softirqs swap sysctl tcpstat zoneinfo".split(
      " ",
    ),
  );
});

test("names are in order, and none comes twice", () => {
  expect([...new Set(collectorNames)].sort()).toEqual(collectorNames);
});

test("the page of the bare-metal server is node_exporter's, byte for byte", async () => {
  using dir = tempDir();
  const textfiles = join(dir.path, "textfile");
  cpSync(join(metalFixture, "textfile"), textfiles, { recursive: true });
  for (const name of readdirSync(textfiles)) utimesSync(join(textfiles, name), 1_767_225_600, 1_767_225_600);
  const { exporter, logged } = fixtureExporter(
    collectorNames,
    { files: metalFiles() },
    {
      cpu: { guest: true, info: true, frequency: true, flagsInclude: /avx/, bugsInclude: /./ },
      netstat: { field: nameFilter(/^(Tcp_|TcpExt_Listen|Ip|Icmp6?_|Udp6?_)/, undefined) },
      sysctl: {
        include: ["net.ipv4.tcp_rmem:min,default,max", "net.ipv4.tcp_rmem", "kernel.pid_max"],
        includeInfo: ["kernel.seccomp.actions_avail", "net.ipv4.tcp_rmem"],
      },
      textfile: { directories: [textfiles] },
    },
  );
  const page = renderFamilies(await exporter.gather({}));
  exporter.close();
  const placed = page.replaceAll(metalFixture, "/host").replaceAll(dir.path, "/host");
  await expect(placed).toMatchFileSnapshot("../../fixtures/host-metal/expected.prom");
  expect(logged.map((line) => line.replaceAll(dir.path, "/host"))).toEqual([
    'error cannot read the text file or folder {"collector":"textfile","path":"/host/textfile/broken.prom","error":"line 1: expected a number as value, got \\"to see here\\""}',
    'error cannot read the text file or folder {"collector":"textfile","path":"/host/textfile/stamped.prom","error":"line 1: client-side timestamps are not supported"}',
    // Upstream's own clash of the two collectors that know frequencies, where they have the right to read them.
    'error metrics left out {"conflict":"node_cpu_frequency_hertz has another help text or type than what was collected before"}',
  ]);
});
