import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nameFilter } from "../../../../src/lib/name-filter.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixture, fixtureExporter, fixtureFiles, gathered } from "../fixture-host.ts";

const onlySda = { diskstats: { device: nameFilter(/^sda$/, undefined) } };

test("without udev the labels are empty", async () => {
  const { exporter } = fixtureExporter(["diskstats"], { files: fixtureFiles({ udevData: "/nowhere" }) }, onlySda);
  expect(await gathered(exporter, "node_disk_info")).toEqual([
    'node_disk_info{device="sda",major="8",minor="0",model="",path="",revision="",rotational="1",serial="",wwn=""} 1',
  ]);
  expect(await gathered(exporter, "node_disk_ata")).toEqual([]);
  exporter.close();
});

test("a disk whose queue lacks an attribute is not called rotational", async () => {
  using dir = tempDir();
  cpSync(join(fixture, "sys"), dir.path, { recursive: true });
  rmSync(join(dir.path, "block/sda/queue/io_timeout"));
  const { exporter } = fixtureExporter(["diskstats"], { files: fixtureFiles({ sysfs: dir.path }) }, onlySda);
  expect((await gathered(exporter, "node_disk_info")).join()).toContain('rotational="0"');
  exporter.close();
});
