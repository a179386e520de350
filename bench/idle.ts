import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

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
  const before = cpuSeconds();
  await pause((seconds - 10) * 1000);
  const used = cpuSeconds() - before;
  console.log(`${config} after ${seconds} s`);
  for (const field of ["VmRSS", "RssAnon", "VmHWM"])
    console.log(`${field.padEnd(8)} ${(kib(field) / 1024).toFixed(1)} MiB`);
  console.log(`CPU      ${((100 * used) / (seconds - 10)).toFixed(2)} % of one core, after the first 10 s`);
} finally {
  child.kill("SIGTERM");
}

function kib(field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

/** User and system time; the kernel counts in hundredths of a second (proc_pid_stat(5), fields 14 and 15). */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
