import { spawn } from "node:child_process";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { usageOf } from "./process-usage.ts";

/**
 * Runs the quickstart and prints what it costs: resident memory and CPU after some time at rest.
 * `npm run bench:idle -- [SECONDS] [CONFIG]`, 120 seconds when nothing is said.
 */
const seconds = Number(process.argv[2] ?? 120);
const config = process.argv[3] ?? "configs/quickstart.yaml";
const root = join(import.meta.dirname, "..");

await using storage = await mkdtempDisposable(join(tmpdir(), "sonde-bench-"));
const args = ["run", config, "--storage.path", storage.path, "--http.listen-address", "127.0.0.1:0"];
const env = { ...process.env, EXPOSE_ADDRESS: "127.0.0.1:0" };
const child = spawn(join(root, "bin/sonde"), args, { cwd: root, env, stdio: "ignore" });
const pid = child.pid ?? 0;
try {
  await pause(10_000);
  const before = usageOf(pid);
  await pause((seconds - 10) * 1000);
  const { cpuSeconds, residentMiB, anonymousMiB, highestResidentMiB } = usageOf(pid);
  const share = (100 * (cpuSeconds - before.cpuSeconds)) / (seconds - 10);
  console.log(`${config} after ${seconds} s`);
  console.log(`resident   ${residentMiB.toFixed(1)} MiB`);
  console.log(`anonymous  ${anonymousMiB.toFixed(1)} MiB`);
  console.log(`highest    ${highestResidentMiB.toFixed(1)} MiB`);
  console.log(`CPU        ${share.toFixed(2)} % of one core, after the first 10 s`);
} finally {
  child.kill("SIGTERM");
}
