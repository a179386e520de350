import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { fixtureExporter, fixtureFiles, gathered } from "./fixture-host.ts";
import { hardwareCollectors, hardwareFiles, hardwareOptions, newerCollectors } from "./special-hardware.ts";

test("the page of a machine with special hardware is node_exporter's, byte for byte", async () => {
  const names = [...hardwareCollectors, ...newerCollectors];
  const { exporter, logged } = fixtureExporter(names, { files: hardwareFiles() }, hardwareOptions);
  const families = await exporter.gather({});
  exporter.close();
  for (const { labels, name } of families.flatMap(({ samples }) => samples)) {
    const names = labels.filter((_text, at) => at % 2 === 0);
    expect(names, name).toEqual([...names].sort());
  }
  await expect(renderFamilies(families)).toMatchFileSnapshot("../../fixtures/host-tier3/expected.prom");
  expect(logged).toEqual([]);
});

/** What node_exporter reports on a host without any of the hardware. */
test("without the hardware each collector reports success as node_exporter does", async () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "block"));
  const files = fixtureFiles({ procfs: dir.path, sysfs: dir.path });
  const names = [...hardwareCollectors, ...newerCollectors].filter((name) => !["runit", "xfrm"].includes(name));
  const { exporter, logged } = fixtureExporter(names, { files });
  expect(await gathered(exporter, "node_scrape_collector_success")).toEqual([
    'node_scrape_collector_success{collector="bcache"} 1',
    'node_scrape_collector_success{collector="bcachefs"} 0',
    'node_scrape_collector_success{collector="dmmultipath"} 1',
    'node_scrape_collector_success{collector="drbd"} 0',
    'node_scrape_collector_success{collector="drm"} 1',
    'node_scrape_collector_success{collector="fibrechannel"} 0',
    'node_scrape_collector_success{collector="infiniband"} 0',
    'node_scrape_collector_success{collector="lnstat"} 1',
    'node_scrape_collector_success{collector="nvmesubsystem"} 0',
    'node_scrape_collector_success{collector="pcidevice"} 0',
    'node_scrape_collector_success{collector="tapestats"} 0',
  ]);
  exporter.close();
  expect(logged).toEqual([]);
});
