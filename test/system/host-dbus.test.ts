import { expect, test } from "vitest";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { nameFilter } from "../../src/lib/name-filter.ts";
import { fixtureExporter, plainOptions } from "../engines/host/fixture-host.ts";
import { hasDbusDaemon, startDbusDaemon, startService } from "../support/dbus-daemon.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { fakeLogind, fakeSystemd } from "../support/fake-systemd.ts";
import { startNodeExporter } from "../support/servers.ts";

const unitExclude = ".+\\.(automount|device|scope|slice)";

const flags = [
  "--collector.disable-defaults",
  "--collector.systemd",
  "--collector.logind",
  `--collector.systemd.unit-exclude=${unitExclude}`,
  "--collector.systemd.enable-restarts-metrics",
  "--collector.systemd.enable-start-time-metrics",
  "--collector.systemd.enable-task-metrics",
];

await describeWithServers("systemd and logind on a real bus, beside a real node_exporter", ["node_exporter"], () => {
  test.skipIf(!hasDbusDaemon && !process.env.CI)("the pages are the same, byte for byte", async () => {
    await using bus = await startDbusDaemon();
    using _systemd = await startService(bus.path, "org.freedesktop.systemd1", fakeSystemd());
    using _logind = await startService(bus.path, "org.freedesktop.login1", fakeLogind);
    await using theirs = await startNodeExporter({ flags, env: { DBUS_SYSTEM_BUS_ADDRESS: bus.address } });
    const theirPage = await (await fetch(`${theirs.url}/metrics`)).text();
    expect(pageOf(await ourPage(bus.address))).toBe(pageOf(theirPage));
  });
});

async function ourPage(systemBusAddress: string): Promise<string> {
  const unit = nameFilter(/^(?:.+)$/, new RegExp(`^(?:${unitExclude})$`));
  const all = { restartsMetrics: true, startTimeMetrics: true, taskMetrics: true };
  const { exporter } = fixtureExporter(
    ["systemd", "logind"],
    { systemBusAddress, clock: systemClock },
    { systemd: { ...plainOptions.systemd, ...all, unit } },
  );
  const page = renderFamilies(await exporter.gather({}));
  exporter.close();
  return page;
}

function pageOf(text: string): string {
  const lines = text
    .split("\n")
    .filter((line) => /^(# (HELP|TYPE) )?node_(systemd|logind|scrape_collector_success)/.test(line));
  return lines.join("\n");
}
