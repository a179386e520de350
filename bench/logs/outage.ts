import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../test/support/http-server.ts";
import { TestProcess } from "../../test/support/process.ts";
import { usageOf } from "../process-usage.ts";
import { lineOf } from "./lines.ts";
import { shippers } from "./shippers.ts";

/**
 * Whether memory stays flat while the receiver is down and an hour's lines come: `npm run bench:logs-outage -- RATE SPEED`
 * writes RATE lines a second of an hour that passes SPEED times as fast as it would, and the table in bench/README.md; 1,000
 * and 30 if they are left out. Nothing listens where the agent sends to. The file is rotated every five minutes.
 */
const [rate = 1_000, speed = 30] = process.argv.slice(2).map(Number);
const minutesPerRow = 5;

await using dir = await mkdtempDisposable(join(tmpdir(), "sonde-bench-outage-"));
const logs = join(dir.path, "logs");
mkdirSync(logs);
const [sonde] = shippers;
if (sonde === undefined) throw new Error("there is no shipper");
const { command, args } = await sonde.prepare({ dir: dir.path, logs, port: await freePort(), parses: false });
await using agent = new TestProcess(command, args);
await agent.output(/Look at/);

const rows: string[] = [];
let lines = 0;
let bytes = 0;
for (let minute = 0; minute < 60; minute++) {
  if (minute % minutesPerRow === 0) note(minute);
  for (let second = 0; second < 60; second++) {
    const until = performance.now() + 1000 / speed;
    write(rate);
    await pause(Math.max(0, until - performance.now()));
  }
  if ((minute + 1) % minutesPerRow === 0) rotate(minute);
}
note(60);
writeTable();

function write(count: number): void {
  const text = Array.from({ length: count }, () => lineOf(lines++)).join("");
  bytes += text.length;
  appendFileSync(join(logs, "app.log"), text);
}

function rotate(minute: number): void {
  renameSync(join(logs, "app.log"), join(logs, `app.log.${minute}`));
}

function note(minute: number): void {
  const { residentMiB, anonymousMiB, highestResidentMiB, cpuSeconds } = usageOf(agent.pid);
  const cells = [
    minute,
    lines,
    (bytes / 2 ** 20).toFixed(0),
    (queueBytes() / 2 ** 20).toFixed(0),
    ...[residentMiB, anonymousMiB, highestResidentMiB].map((mib) => mib.toFixed(0)),
    cpuSeconds.toFixed(1),
  ];
  rows.push(`| ${cells.join(" | ")} |`);
  console.log(rows.at(-1));
}

function queueBytes(): number {
  const folder = join(dir.path, "data", "loki.write.sink");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function writeTable(): void {
  const head = "| minute | lines | written, MiB | queue on disk, MiB | resident MiB | anonymous | highest | CPU s |";
  const table = [head, "| --- | --- | --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
  const path = join(import.meta.dirname, "../README.md");
  const page = readFileSync(path, "utf8");
  writeFileSync(path, page.replace(/(<!-- bench:logs-outage -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${table}\n\n$2`));
}
