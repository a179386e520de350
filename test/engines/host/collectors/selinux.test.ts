import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { filesOf, fixtureExporter, gathered } from "../fixture-host.ts";

async function selinux(enforce: string | undefined, config: string | undefined): Promise<string[]> {
  using dir = tempDir();
  for (const folder of ["proc/self", "rootfs/sys/fs/selinux", "rootfs/etc/selinux"]) {
    mkdirSync(join(dir.path, folder), { recursive: true });
  }
  const mount = "30 1 0:24 / /sys/fs/selinux rw,relatime - selinuxfs selinuxfs rw\n";
  writeFileSync(join(dir.path, "proc/self/mountinfo"), enforce === undefined ? "" : mount);
  if (enforce !== undefined) writeFileSync(join(dir.path, "rootfs/sys/fs/selinux/enforce"), enforce);
  if (config !== undefined) writeFileSync(join(dir.path, "rootfs/etc/selinux/config"), config);
  const { exporter } = fixtureExporter(["selinux"], { files: filesOf(dir.path) });
  const lines = await gathered(exporter, "node_selinux");
  exporter.close();
  return lines.map((line) => line.slice("node_selinux_".length));
}

test("modes are 1 enforcing, 0 permissive, -1 disabled", async () => {
  expect(await selinux("1", "# comment\nSELINUX=enforcing\nSELINUXTYPE=targeted\n")).toEqual([
    "config_mode 1",
    "current_mode 1",
    "enabled 1",
  ]);
  expect(await selinux("0", "SELINUX=permissive\n")).toEqual(["config_mode 0", "current_mode 0", "enabled 1"]);
  expect(await selinux("0", undefined)).toEqual(["config_mode -1", "current_mode 0", "enabled 1"]);
});

test("without its file system it is off", async () => {
  expect(await selinux(undefined, "SELINUX=enforcing\n")).toEqual(["enabled 0"]);
});
