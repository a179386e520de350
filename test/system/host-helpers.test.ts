import { expect, test } from "vitest";
import { HelperPrograms } from "../../src/engines/host/helper-programs.ts";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fixtureExporter, fixtureFiles } from "../engines/host/fixture-host.ts";
import { debianPrograms } from "../support/debian-programs.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";

const collectors = ["qdisc", "network_route", "ethtool", "wifi"];

/** Counters that move between two scrapes. */
const moving = /^node_(qdisc_(bytes|packets)_total|qdisc_backlog|qdisc_current|ethtool_(?!info))/;

await describeWithServers("collectors with helper programs beside a real node_exporter", ["node_exporter"], () => {
  test("this host's pages have the same series and values", async () => {
    using programs = await debianPrograms();
    const flags = ["--collector.disable-defaults", ...collectors.map((name) => `--collector.${name}`)];
    await using theirs = await startNodeExporter({ flags });
    const theirPage = await (await fetch(`${theirs.url}/metrics`)).text();
    const { exporter } = fixtureExporter(collectors, {
      clock: systemClock,
      files: fixtureFiles({ procfs: "/proc", sysfs: "/sys" }),
      helpers: new HelperPrograms(systemClock, () => 0.5, programs.path),
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
