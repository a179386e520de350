import { cpSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { collectorNames, selectCollectors } from "../../../src/engines/host/collectors.ts";
import type { HostOptions } from "../../../src/engines/host/options.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { nameFilter } from "../../../src/lib/name-filter.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fileCollectors, filesOf, fixtureExporter, metalFixture, oddFixture } from "./fixture-host.ts";

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
    (
      "buddyinfo cgroups cpu_vulnerabilities drbd drm ethtool interrupts ksmd lnstat logind meminfo_numa mountstats " +
      "network_route ntp nvmesubsystem pcidevice processes qdisc runit slabinfo softirqs supervisord swap sysctl systemd " +
      "tcpstat wifi xfrm zoneinfo"
    ).split(" "),
  );
});

test("names are in order, and none comes twice", () => {
  expect([...new Set(collectorNames)].sort()).toEqual(collectorNames);
});

test("the page of the bare-metal server is node_exporter's, byte for byte", async () => {
  const { page, logged } = await placedPage(metalFixture, {
    cpu: { guest: true, info: true, frequency: true, flagsInclude: /avx/, bugsInclude: /./ },
    netstat: { field: nameFilter(/^(Tcp_|TcpExt_Listen|Ip|Icmp6?_|Udp6?_)/, undefined) },
    sysctl: {
      include: ["net.ipv4.tcp_rmem:min,default,max", "net.ipv4.tcp_rmem", "kernel.pid_max"],
      includeInfo: ["kernel.seccomp.actions_avail", "net.ipv4.tcp_rmem"],
    },
  });
  await expect(page).toMatchFileSnapshot("../../fixtures/host-metal/expected.prom");
  expect(logged).toEqual([
    'error cannot read the text file or folder {"collector":"textfile","path":"/host/textfile/broken.prom","error":"line 1: expected a number, and nothing behind it, got \\" to see here\\""}',
    'error cannot read the text file or folder {"collector":"textfile","path":"/host/textfile/stamped.prom","error":"line 1: client-side timestamps are not supported"}',
    // Upstream's own clash of the two collectors that know frequencies, where they have the right to read them.
    'error metrics left out {"conflict":"node_cpu_frequency_hertz has another help text or type than what was collected before"}',
  ]);
});

test("the page of the odd machine is node_exporter's, and what is wrong is said once", async () => {
  const { page, logged } = await placedPage(oddFixture, {});
  await expect(page).toMatchFileSnapshot("../../fixtures/host-odd/expected.prom");
  await expect(`${logged.join("\n")}\n`).toMatchFileSnapshot("../../fixtures/host-odd/logged.txt");
});

/** The page and the log of a machine as if its files were below /host; its text files are from the first day of 2026. */
async function placedPage(fixture: string, options: Partial<HostOptions>) {
  using dir = tempDir();
  const textfiles = join(dir.path, "textfile");
  cpSync(join(fixture, "textfile"), textfiles, { recursive: true });
  for (const name of readdirSync(textfiles)) utimesSync(join(textfiles, name), 1_767_225_600, 1_767_225_600);
  const { exporter, logged } = fixtureExporter(
    fileCollectors,
    { files: filesOf(fixture) },
    { ...options, textfile: { directories: [textfiles] } },
  );
  const pages = [await exporter.gather({}), await exporter.gather({})];
  exporter.close();
  expect(renderFamilies(pages[1]!)).toBe(renderFamilies(pages[0]!));
  const placed = (text: string) => text.replaceAll(fixture, "/host").replaceAll(dir.path, "/host");
  return { page: placed(renderFamilies(pages[0]!)), logged: logged.map(placed) };
}
