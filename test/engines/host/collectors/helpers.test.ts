import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HelperPrograms } from "../../../../src/engines/host/helper-programs.ts";
import { systemClock } from "../../../../src/lib/clock.ts";
import { nameFilter } from "../../../../src/lib/name-filter.ts";
import { fakePrograms } from "../../../support/fake-programs.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixtureExporter, fixtureFiles, gathered, type plainOptions } from "../fixture-host.ts";
import { hardware } from "../special-hardware.ts";

const answers = join(hardware, "programs");

/** Programs that answer with files of the fixture: `name-arguments.txt`, those that there are. */
const programs = {
  tc: `[ "$*" = "-s -j qdisc" ] && exec cat ${answers}/tc.json`,
  ip: `[ "$*" = "-j -N -d $4 route show table all" ] && exec cat ${answers}/ip-route$4.json`,
  iw: `case "$*" in
    dev) exec cat ${answers}/iw-dev.txt ;;
    "dev wlan0 link") exec cat ${answers}/iw-link-wlan0.txt ;;
    "dev wlan0 station dump") exec cat ${answers}/iw-station-wlan0.txt ;;
    *link) echo "Not connected." ;;
  esac`,
  ethtool: `case "$*" in
    "-i eth0") exec cat ${answers}/ethtool-i-eth0.txt ;;
    "-S eth0") exec cat ${answers}/ethtool-S-eth0.txt ;;
    eth0) exec cat ${answers}/ethtool-eth0.txt ;;
    -?*) echo "Operation not supported" >&2; exit 95 ;;
    *) printf 'Settings for lo:\\n\\tLink detected: yes\\n' ;;
  esac`,
};

async function page(
  collector: string,
  scripts: Readonly<Record<string, string>> = programs,
  options: Partial<typeof plainOptions> = {},
) {
  using path = fakePrograms(scripts);
  using sysfs = tempDir();
  for (const device of ["lo", "eth0"]) mkdirSync(join(sysfs.path, "class/net", device), { recursive: true });
  const helpers = new HelperPrograms(
    systemClock,
    () => 0.5,
    `${path.path}:${scripts === programs ? "/usr/bin:/bin" : ""}`,
  );
  const host = { clock: systemClock, helpers, files: fixtureFiles({ sysfs: sysfs.path }) };
  const { exporter, logged } = fixtureExporter([collector], host, options);
  const lines = (await gathered(exporter, "node_")).filter((line) => !/exporter_build|_duration_/.test(line));
  await exporter.gather({});
  exporter.close();
  return { lines, logged };
}

for (const collector of ["qdisc", "network_route", "wifi", "ethtool"]) {
  test(`the page of ${collector} is what its program says`, async () => {
    const { lines, logged } = await page(collector);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(
      `../../../fixtures/host-tier3/programs/${collector}.prom`,
    );
    expect(logged).toEqual([]);
  });

  test(`without its program ${collector} has no success, and one line in the log says what to do`, async () => {
    const { lines, logged } = await page(collector, {});
    expect(lines).toEqual([`node_scrape_collector_success{collector="${collector}"} 0`]);
    expect(logged).toEqual([
      expect.stringMatching(
        /^warn collector failed .*"\w+ is not on the PATH: install it \(\w+\) or disable the collector"/,
      ),
    ]);
  });
}

test("a program that fails is told in its own words", async () => {
  const { lines, logged } = await page("qdisc", { tc: "echo 'Cannot open netlink socket' >&2; exit 1" });
  expect(lines).toEqual(['node_scrape_collector_success{collector="qdisc"} 0']);
  expect(logged).toEqual([
    'warn collector failed {"collector":"qdisc","error":"tc -s -j qdisc failed: Cannot open netlink socket"}',
  ]);
  expect((await page("qdisc", { tc: "echo '{}'" })).logged).toEqual([
    'warn collector failed {"collector":"qdisc","error":"cannot parse what tc says: it is no list"}',
  ]);
});

test("a kernel without a wireless stack is no failure", async () => {
  const { lines, logged } = await page("wifi", { iw: "echo 'nl80211 not found.' >&2; exit 1" });
  expect(lines).toEqual(['node_scrape_collector_success{collector="wifi"} 0']);
  expect(logged).toEqual([]);
});

test("devices and counters are filtered", async () => {
  const only = (pattern: RegExp) => nameFilter(pattern, undefined);
  const series = async (collector: string, options: Partial<typeof plainOptions>) =>
    (await page(collector, programs, options)).lines.slice(0, -1);
  expect(await series("qdisc", { qdisc: { device: only(/^lo$/) } })).toHaveLength(7);
  const ethtool = { device: only(/eth0/), metric: only(/align/) };
  expect((await series("ethtool", { ethtool })).filter((line) => /^node_ethtool_(?!info)/.test(line))).toEqual([
    'node_ethtool_align_errors{device="eth0"} 10',
  ]);
  expect(await series("ethtool", { ethtool: { device: only(/none/), metric: only(/./) } })).toEqual([]);
});
