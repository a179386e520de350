import { expect, test } from "vitest";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { fixtureExporter, plainOptions } from "../engines/host/fixture-host.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNtpServer } from "../support/ntp-server.ts";
import { startNodeExporter } from "../support/servers.ts";
import { startSupervisord, supervisordProcesses } from "../support/supervisord.ts";

/** What is not measured but told. */
const compared = /^(# (HELP|TYPE) )?node_(supervisord|ntp|timex|scrape_collector_success)/;
const moving = /^node_(ntp_(rtt|offset)_seconds|timex_(offset|maxerror|estimated_error|frequency))/;

await describeWithServers("services beside a real node_exporter", ["node_exporter"], () => {
  test("supervisord, ntp and timex have the same pages", async () => {
    await using supervisord = await startSupervisord((_request, response) => void response.end(supervisordProcesses));
    await using ntp = await startNtpServer((now) => ({
      ...{ leap: 1, stratum: 3, rootDelay: 0.25, rootDispersion: 0.125 },
      ...{ reference: 1_767_225_600.5, receive: now, transmit: now },
    }));
    const names = ["supervisord", "ntp", "timex"];
    const flags = [
      "--collector.disable-defaults",
      ...names.map((name) => `--collector.${name}`),
      `--collector.supervisord.url=${supervisord.url}`,
      `--collector.ntp.server-port=${ntp.port}`,
    ];
    await using theirs = await startNodeExporter({ flags });
    const theirPage = await (await fetch(`${theirs.url}/metrics`)).text();
    const { exporter } = fixtureExporter(
      names,
      { clock: systemClock },
      { supervisord: { url: supervisord.url }, ntp: { ...plainOptions.ntp, port: ntp.port } },
    );
    const ours = renderFamilies(await exporter.gather({}));
    exporter.close();
    expect(pageOf(ours)).toEqual(pageOf(theirPage));
  });
});

function pageOf(text: string): string[] {
  const lines = text.split("\n").filter((line) => compared.test(line));
  return lines.map((line) => (moving.test(line) ? line.slice(0, line.lastIndexOf(" ")) : line));
}
