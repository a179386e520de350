import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProcess } from "../support/process.ts";

const unit = join(import.meta.dirname, "../../packaging/systemd/sonde.service");
const hasAnalyze = spawnSync("systemd-analyze", ["--version"]).status === 0;

// The threshold is ten times the figure that systemd-analyze prints.
test.skipIf(!hasAnalyze && !process.env.CI)("systemd rates the unit's exposure at 1.9 or better", async () => {
  const { code, stdout } = await runProcess("systemd-analyze", ["security", "--offline=true", "--threshold=19", unit]);
  expect(stdout).toContain("Overall exposure level for sonde.service");
  expect(code).toBe(0);
});
