import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { HelperPrograms } from "../../src/engines/host/helper-programs.ts";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fixtureExporter, fixtureFiles } from "../engines/host/fixture-host.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";

/** The collectors that a program helps, and the program. */
const helped = [
  ["qdisc", "tc", "-V"],
  ["network_route", "ip", "-V"],
  ["ethtool", "ethtool", "--version"],
  ["wifi", "iw", "--version"],
] as const;
const collectors = helped.flatMap(([name, program, flag]) =>
  spawnSync(program, [flag]).status === 0 || process.env.CI ? [name] : [],
);

/** Counters that move between two scrapes. */
const moving = /^node_(qdisc_(bytes|packets)_total|qdisc_backlog|qdisc_current|ethtool_(?!info))/;

await describeWithServers("collectors with helper programs beside a real node_exporter", ["node_exporter"], () => {
  test.skipIf(collectors.length === 0)("this host's pages have the same series and values", async () => {
    const flags = ["--collector.disable-defaults", ...collectors.map((name) => `--collector.${name}`)];
    await using theirs = await startNodeExporter({ flags });
    const theirPage = await (await fetch(`${theirs.url}/metrics`)).text();
    const { exporter } = fixtureExporter(collectors, {
      clock: systemClock,
      files: fixtureFiles({ procfs: "/proc", sysfs: "/sys" }),
      helpers: new HelperPrograms(systemClock, () => 0.5, process.env.PATH),
    });
    const ours = renderFamilies(await exporter.gather({}));
    exporter.close();
    expect(pageOf(ours)).toEqual(pageOf(theirPage));
  });
});

function pageOf(text: string): string[] {
  const isCompared = (line: string) =>
    /^(# (HELP|TYPE) )?node_(qdisc|network_route|wifi|ethtool|network_(autoneg|pause|asym|supp|adv))/.test(line);
  const lines = text.split("\n").filter(isCompared);
  return lines.map((line) => (moving.test(line) ? line.slice(0, line.lastIndexOf(" ")) : line));
}
