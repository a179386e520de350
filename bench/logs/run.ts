import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usageOf } from "../process-usage.ts";
import { type Backlog, writeBacklog } from "./lines.ts";
import { type Shipper, shippers } from "./shippers.ts";

/**
 * What shipping a backlog of logs costs: from the start of the agent to the last line in the sink. `npm run bench:logs`
 * writes the table in bench/README.md; `npm run bench:logs -- MIB` sets the size of the backlog, 256 if it is left out, and
 * `npm run bench:logs -- MIB SHIPPER` runs one of them, and only prints.
 */
const [mibText = "256", only] = process.argv.slice(2);
const mib = Number(mibText);
const scenarios: readonly (Backlog & { readonly parses: boolean })[] = [
  { files: 1, mib, parses: false },
  { files: 1, mib, parses: true },
  { files: 1000, mib, parses: false },
  { files: 1000, mib, parses: true },
];

interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly highestResidentMiB: number;
  readonly sentBytes: number;
  readonly twice: number;
  readonly bytes: number;
}

const rows: string[] = [];
for (const scenario of scenarios) {
  for (const shipper of shippers.filter(({ name }) => only === undefined || name === only)) {
    const result = await ship(shipper, scenario);
    rows.push(rowOf(shipper, scenario, result));
    console.log(rows.at(-1));
  }
}
const head =
  "| files | path | shipper | MiB/s | CPU s per GiB | highest resident MiB | bytes sent per byte read | lines twice |";
if (only === undefined) writeTable([head, "| --- | --- | --- | --- | --- | --- | --- | --- |", ...rows].join("\n"));

async function ship(shipper: Shipper, scenario: (typeof scenarios)[number]): Promise<Measurement> {
  await using dir = await mkdtempDisposable(join(tmpdir(), "sonde-bench-logs-"));
  const [logs, work] = ["logs", "work"].map((name) => join(dir.path, name)) as [string, string];
  mkdirSync(logs);
  mkdirSync(work);
  const { lines, bytes } = writeBacklog(logs, scenario);
  const sink = fork(join(import.meta.dirname, "sink.ts"), [shipper.sink, String(lines)]);
  const [{ port }] = (await once(sink, "message")) as [{ port: number }];
  const { command, args } = await shipper.prepare({ dir: work, logs, port, parses: scenario.parses });
  const output = process.env.BENCH_LOG ? "inherit" : "ignore";
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", output, output] });
  const exited = once(child, "exit");
  try {
    const ended = exited.then(([code]) => Promise.reject(new Error(`${shipper.name} ended with ${code}`)));
    await Promise.race([once(sink, "message"), ended]);
    const seconds = (performance.now() - started) / 1000;
    const { cpuSeconds, highestResidentMiB } = usageOf(child.pid ?? 0);
    ended.catch(() => {});
    const answered = once(sink, "message");
    sink.send("report");
    const [{ bytes: sentBytes, twice }] = (await answered) as [{ bytes: number; twice: number }];
    return { seconds, cpuSeconds, highestResidentMiB, sentBytes, twice, bytes };
  } finally {
    child.kill("SIGTERM");
    await exited;
    sink.kill();
  }
}

function rowOf({ name }: Shipper, { files, parses }: (typeof scenarios)[number], measured: Measurement): string {
  const { seconds, cpuSeconds, highestResidentMiB, sentBytes, twice, bytes } = measured;
  const cells = [
    files,
    parses ? "tail → json → labels → write" : "tail → write",
    name,
    (bytes / 2 ** 20 / seconds).toFixed(1),
    (cpuSeconds / (bytes / 2 ** 30)).toFixed(1),
    highestResidentMiB.toFixed(0),
    (sentBytes / bytes).toFixed(2),
    twice,
  ];
  return `| ${cells.join(" | ")} |`;
}

function writeTable(text: string): void {
  const path = join(import.meta.dirname, "../README.md");
  const page = readFileSync(path, "utf8");
  writeFileSync(path, page.replace(/(<!-- bench:logs -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${text}\n\n$2`));
}
