import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixtureExporter, fixtureFiles, gathered } from "../fixture-host.ts";

test("the vendor's file stands in where the administrator's is missing", async () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "usr/lib"), { recursive: true });
  writeFileSync(join(dir.path, "usr/lib/os-release"), "ID=arch\nNAME=Arch\nBUILD_ID=rolling\n");
  const { exporter } = fixtureExporter(["os"], { files: fixtureFiles({ rootfs: dir.path }) });
  expect(await gathered(exporter, "node_os")).toEqual([
    'node_os_info{build_id="rolling",id="arch",id_like="",image_id="",image_version="",name="Arch",pretty_name="",variant="",variant_id="",version="",version_codename="",version_id=""} 1',
  ]);
});

test("an end of support that is no date fails the collector", async () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "etc"));
  writeFileSync(join(dir.path, "etc/os-release"), "ID=x\nSUPPORT_END=soon\n");
  const { exporter } = fixtureExporter(["os"], { files: fixtureFiles({ rootfs: dir.path }) });
  expect(await gathered(exporter, "node_os")).toEqual([]);
  expect(exporter.lastRuns()).toMatchObject([
    { failure: 'cannot parse SUPPORT_END of os-release: "soon" is no date', isNoData: false },
  ]);
});
