import { join } from "node:path";
import { expect, test } from "vitest";
import { renderFamilies } from "../../src/formats/exposition/render.ts";
import { fixtureExporter } from "../engines/host/fixture-host.ts";
import { hardware, hardwareCollectors, hardwareFiles, hardwareOptions } from "../engines/host/special-hardware.ts";
import { describeWithServers } from "../support/describe-with-servers.ts";
import { startNodeExporter } from "../support/servers.ts";
import { tempDir } from "../support/temp-dir.ts";

const flags = [
  "--collector.disable-defaults",
  ...hardwareCollectors.map((name) => `--collector.${name}`),
  `--path.procfs=${join(hardware, "proc")}`,
  `--path.sysfs=${join(hardware, "sys")}`,
  "--collector.bcache.priorityStats",
  "--collector.pcidevice.names",
  `--collector.pcidevice.idsfile=${join(hardware, "pci.ids")}`,
  `--collector.runit.servicedir=${join(hardware, "service")}`,
];

await describeWithServers("special hardware beside a real node_exporter", ["node_exporter"], () => {
  test("the pages of the same files are the same, byte for byte", async () => {
    const { exporter } = fixtureExporter(hardwareCollectors, { files: hardwareFiles() }, hardwareOptions);
    const ours = renderFamilies(await exporter.gather({}));
    exporter.close();
    await using theirs = await startNodeExporter({ flags });
    expect(pageOf(ours)).toBe(pageOf(await (await fetch(`${theirs.url}/metrics`)).text()));
  });

  test("without the hardware the same collectors succeed", async () => {
    using empty = tempDir();
    const paths = [`--path.procfs=${empty.path}`, `--path.sysfs=${empty.path}`];
    const names = hardwareCollectors.map((name) => `--collector.${name}`);
    const serviceDir = `--collector.runit.servicedir=${empty.path}`;
    await using theirs = await startNodeExporter({
      flags: ["--collector.disable-defaults", ...names, ...paths, serviceDir],
    });
    const options = { ...hardwareOptions, runit: { serviceDir: empty.path } };
    const { exporter } = fixtureExporter(hardwareCollectors, { files: hardwareFiles(empty.path, empty.path) }, options);
    const ours = renderFamilies(await exporter.gather({}));
    exporter.close();
    expect(pageOf(ours)).toBe(pageOf(await (await fetch(`${theirs.url}/metrics`)).text()));
  });
});

function pageOf(text: string): string {
  const isCompared = (line: string) =>
    /^(# (HELP|TYPE) )?node_/.test(line) && !/node_(exporter_build_info|scrape_collector_duration)/.test(line);
  return text.split("\n").filter(isCompared).join("\n");
}
