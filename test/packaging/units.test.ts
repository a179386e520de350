import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProcess } from "../support/process.ts";
import { tempDir } from "../support/temp-dir.ts";

const units = join(import.meta.dirname, "../../packaging/systemd");
const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;
const rated = test.skipIf(!hasAnalyze && !process.env.CI);

/** systemd's rating of a unit's exposure, from 0 to 10, with these drop-ins. */
async function exposure(unit: string, dropIns: readonly string[] = []): Promise<number> {
  using dir = tempDir();
  const path = join(dir.path, unit);
  copyFileSync(join(units, unit), path);
  mkdirSync(`${path}.d`);
  for (const name of dropIns) copyFileSync(join(units, name), join(`${path}.d`, name));
  const { stdout } = await runProcess("systemd-analyze", ["security", "--offline=true", path]);
  const figure = /Overall exposure level for .*: ([\d.]+)/.exec(stdout)?.[1];
  return Number(figure);
}

rated("systemd rates the exposure of the agent's unit at 1.6 or better", async () => {
  expect(await exposure("sonde.service")).toBeLessThanOrEqual(1.6);
});

rated("with the drop-in that may read protected logs it is 2.0 or better", async () => {
  const plain = await exposure("sonde.service");
  const open = await exposure("sonde.service", ["protected-logs.conf"]);
  expect(open).toBeGreaterThan(plain);
  expect(open).toBeLessThanOrEqual(2.0);
});

rated("the unit that is node_exporter only is rated 1.6 or better, and that of the clock 1.0", async () => {
  expect(await exposure("sonde-node-exporter.service")).toBeLessThanOrEqual(1.6);
  expect(await exposure("sonde-clock@.service")).toBeLessThanOrEqual(1.0);
});
