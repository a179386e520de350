import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { collectors } from "../../src/engines/host/collectors.ts";
import type { Exporter } from "./exporter.ts";
import { startExporter, startGatherer } from "./exporter.ts";

/**
 * `sonde node-exporter` beside the real node_exporter: what a scrape of this machine costs each. `npm run bench:host`
 * writes the table in bench/README.md; `npm run bench:host -- ROUNDS` sets the number of rounds.
 *
 * Both run all the time and take turns, so that the noise of the machine is shared; ratios are taken round by round.
 */
const rounds = Number(process.argv[2] ?? 10);
const scrapesPerRound = 100;
const warmUpScrapes = 300;
/** Between two scrapes: enough that neither is scraped while it still cleans up. */
const pauseMs = 20;

interface Round {
  readonly cpuMs: number;
  readonly latencies: readonly number[];
}

interface Result {
  readonly exporter: Pick<Exporter, "name" | "series" | "residentMiB">;
  readonly rounds: readonly Round[];
}

/** Debian's defaults made upstream's. */
const upstream = [
  "--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)",
];

async function compare(flags: readonly string[], config: object): Promise<Result[]> {
  await using stack = new AsyncDisposableStack();
  const exporters = [
    stack.use(await startExporter("node_exporter", [...flags, ...upstream])),
    stack.use(await startExporter("sonde", [...flags, ...upstream])),
    stack.use(await startGatherer(config)),
  ];
  for (const exporter of exporters) for (let n = 0; n < warmUpScrapes; n++) await exporter.scrape();
  const measured = exporters.map((): Round[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, exporter] of exporters.entries()) measured[at]!.push(await measure(exporter));
  }
  return exporters.map(({ name, series, residentMiB }, at) => ({
    exporter: { name, series, residentMiB },
    rounds: measured[at]!,
  }));
}

async function measure(exporter: Exporter): Promise<Round> {
  const latencies: number[] = [];
  const before = exporter.cpuSeconds();
  for (let n = 0; n < scrapesPerRound; n++) {
    const started = performance.now();
    await exporter.scrape();
    latencies.push(performance.now() - started);
    await pause(pauseMs);
  }
  return { cpuMs: ((exporter.cpuSeconds() - before) * 1000) / scrapesPerRound, latencies };
}

function tableOf(title: string, results: readonly Result[]): string {
  const [reference] = results;
  const head = "| exporter | series | CPU ms per scrape | ratio to node_exporter | p50 ms | p99 ms | resident MiB |";
  const rows = results.map(({ exporter, rounds: own }) => {
    const latencies = own.flatMap((round) => round.latencies).sort((a, b) => a - b);
    const ratios = own.map(({ cpuMs }, at) => cpuMs / reference!.rounds[at]!.cpuMs);
    const cells = [
      exporter.name,
      exporter.series,
      median(own.map(({ cpuMs }) => cpuMs)).toFixed(2),
      median(ratios).toFixed(2),
      latencies[Math.floor(latencies.length * 0.5)]!.toFixed(1),
      latencies[Math.floor(latencies.length * 0.99)]!.toFixed(1),
      exporter.residentMiB.toFixed(0),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [`**${title}**`, "", head, "| --- | --- | --- | --- | --- | --- | --- |", ...rows].join("\n");
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function writeTables(text: string): void {
  const path = join(import.meta.dirname, "../README.md");
  const document = readFileSync(path, "utf8");
  const marked = /(<!-- bench:host -->\n)[\s\S]*?(\n<!-- end -->)/;
  writeFileSync(
    path,
    document.replace(marked, (_, start: string, end: string) => `${start}\n${text}\n${end}`),
  );
}

const common = collectors.filter(({ enabledByDefault }) => enabledByDefault).map(({ name }) => name);
const newer = ["dmmultipath"];
const same = common.filter((name) => !newer.includes(name));
const sameFlags = ["--collector.disable-defaults", ...same.map((name) => `--collector.${name}`)];
const tables = [
  tableOf("the same collectors", await compare(sameFlags, { set_collectors: same })),
  tableOf("each with its own defaults", await compare([], {})),
];
console.log(`\n${tables.join("\n\n")}`);
writeTables(tables.join("\n\n"));
