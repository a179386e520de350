import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

test("an adapter that lacks counters or attributes keeps the others", async () => {
  using dir = tempDir();
  const write = (path: string, text: string) => {
    mkdirSync(join(dir.path, dirname(path)), { recursive: true });
    writeFileSync(join(dir.path, path), text);
  };
  write("class/fc_host/host1/statistics/rx_frames", "0x10\n");
  write("class/infiniband/mlx5_1/fw_ver", "1\n");
  for (const [name, text] of [
    ["state", "4: ACTIVE"],
    ["phys_state", "5: LinkUp"],
    ["rate", "10 Gb/sec"],
  ] as const) {
    write(`class/infiniband/mlx5_1/ports/2/${name}`, text);
  }
  write("class/infiniband/mlx5_1/ports/2/counters/port_xmit_wait", "N/A (no PMA)\n");
  const { exporter } = fixtureExporter(["fibrechannel", "infiniband"], { files: hardwareFiles(dir.path) });
  const lines = await gathered(exporter, "node_");
  exporter.close();
  expect(lines.filter((line) => /^node_(fibrechannel|infiniband)_(?!info)/.test(line))).toEqual([
    'node_fibrechannel_rx_frames_total{fc_host="host1"} 16',
    'node_infiniband_physical_state_id{device="mlx5_1",port="2"} 5',
    'node_infiniband_rate_bytes_per_second{device="mlx5_1",port="2"} 1.25e+09',
    'node_infiniband_state_id{device="mlx5_1",port="2"} 4',
  ]);
});

test("a tape drive without one of its counters fails the collector, as upstream", async () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "class/scsi_tape/st0/stats"), { recursive: true });
  const { exporter, logged } = fixtureExporter(["tapestats"], { files: hardwareFiles(dir.path) });
  await exporter.gather({});
  exporter.close();
  expect(logged).toEqual([
    `warn collector failed {"collector":"tapestats","error":"cannot read ${dir.path}/class/scsi_tape/st0/stats/in_flight"}`,
  ]);
});
