import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agents } from "./agents.ts";
import { type Measurement, measure, type Scenario } from "./measure.ts";

/**
 * Sonde beside vmagent and the Prometheus agent, whole process against whole process: scrape, relabel, remote write to a
 * sink. `npm run bench:agents -- ROUNDS` runs all scenarios and writes the tables in bench/README.md;
 * `npm run bench:agents -- ROUNDS SCENARIO AGENT…` runs a part, and only prints.
 *
 * The agents take turns within each round, so that the noise of the machine is shared; ratios are taken round by round.
 *
 * At 1k/s compilers are most of what an agent in a virtual machine does in its first minute: there the warm-up is longer, for
 * all of them. What `scale` takes more than `few series` is what series take.
 */
const scenarios: readonly Scenario[] = [
  { name: "100k/s", targets: 50, series: 2000, churnPercent: 0, intervalSeconds: 1, warmUpSeconds: 15, seconds: 25 },
  { name: "1k/s", targets: 10, series: 500, churnPercent: 0, intervalSeconds: 5, warmUpSeconds: 120, seconds: 60 },
  { name: "churn", targets: 50, series: 2000, churnPercent: 1, intervalSeconds: 1, warmUpSeconds: 15, seconds: 25 },
  {
    name: "few series",
    targets: 500,
    series: 50,
    churnPercent: 0,
    intervalSeconds: 15,
    warmUpSeconds: 45,
    seconds: 45,
  },
  { name: "scale", targets: 500, series: 1000, churnPercent: 0, intervalSeconds: 15, warmUpSeconds: 45, seconds: 45 },
];

const [roundsText = "3", only, ...names] = process.argv.slice(2);
const chosen = scenarios.filter(({ name }) => only === undefined || name === only);
const peers = agents.filter(({ name }) => names.length === 0 || names.some((part) => name.startsWith(part)));
const tables: string[] = [];
/** By scenario and agent, MiB. */
const anonymous = new Map<string, readonly number[]>();

for (const scenario of chosen) {
  const rounds: Measurement[][] = [];
  for (let round = 0; round < Number(roundsText); round++) {
    const measurements: Measurement[] = [];
    for (const agent of peers) {
      const measured = await measure(agent, scenario);
      measurements.push(measured);
      console.log(
        `${scenario.name} round ${round + 1} ${agent.name}: ${perMillion(measured).toFixed(2)} s/M, ` +
          `${measured.residentMiB.toFixed(0)} MiB (${measured.anonymousMiB.toFixed(0)} anonymous), ` +
          `${(measured.bytes / measured.samples).toFixed(1)} B/sample, lag ${measured.lagP50}/${measured.lagP99} ms, late ${measured.latenessP99} ms` +
          `${measured.faults.map((fault) => `; ${fault}`).join("")}`,
      );
    }
    rounds.push(measurements);
  }
  tables.push(tableOf(scenario, rounds));
  anonymous.set(
    scenario.name,
    peers.map((_, at) => median(rounds.map((round) => round[at]!.anonymousMiB))),
  );
}
const [few, scale] = scenarios.slice(-2);
if (few !== undefined && scale !== undefined) tables.push(...perSeries(few, scale));
console.log(`\n${tables.join("\n\n")}`);
if (only === undefined) writeTables(tables.join("\n\n"));

function perMillion({ cpuSeconds, samples }: Measurement): number {
  return (cpuSeconds / samples) * 1e6;
}

function tableOf(
  { name, targets, series, churnPercent, intervalSeconds, seconds }: Scenario,
  rounds: Measurement[][],
): string {
  const reference = peers.findIndex((agent) => agent.name === "vmagent");
  const rows = peers.map((agent, at) => {
    const of = (pick: (measured: Measurement) => number) => rounds.map((round) => pick(round[at]!));
    const ratios = reference < 0 ? [] : rounds.map((round) => perMillion(round[at]!) / perMillion(round[reference]!));
    const faults = rounds.flatMap((round) => round[at]!.faults);
    return [
      agent.name,
      spread(of(perMillion), 2),
      spread(ratios, 2),
      median(of((measured) => measured.residentMiB)).toFixed(0),
      median(of((measured) => measured.anonymousMiB)).toFixed(0),
      Math.max(...of((measured) => measured.highestResidentMiB)).toFixed(0),
      median(of(({ bytes, samples }) => bytes / samples)).toFixed(1),
      median(of(({ latenessP99 }) => latenessP99)).toFixed(0),
      `${median(of(({ lagP50 }) => lagP50))} / ${median(of(({ lagP99 }) => lagP99))}`,
      faults.length === 0 ? "yes" : [...new Set(faults)].join("; "),
    ];
  });
  const churn = churnPercent === 0 ? "" : `, ${churnPercent} % of the series replaced at each scrape`;
  return [
    `**${name}**: ${targets} targets × ${series} series every ${intervalSeconds} s${churn}; ${rounds.length} rounds of ${seconds} s.`,
    "",
    "| agent | CPU s per million samples | ratio to vmagent | resident MiB | anonymous | highest | bytes per sample | lateness p99, ms | lag p50 / p99, ms | each sample once, bit for bit |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
}

/** Where both scenarios were run: what a series takes. */
function perSeries(few: Scenario, many: Scenario): string[] {
  const [before, after] = [anonymous.get(few.name), anonymous.get(many.name)];
  if (before === undefined || after === undefined) return [];
  const series = many.targets * many.series - few.targets * few.series;
  const rows = peers.map(({ name }, at) => {
    const bytes = ((after[at]! - before[at]!) * 2 ** 20) / series;
    return `| ${name} | ${before[at]!.toFixed(0)} | ${after[at]!.toFixed(0)} | ${bytes.toFixed(0)} |`;
  });
  return [
    [
      `**Memory per active series**: anonymous memory of **${few.name}** and **${many.name}**, which has ${series} series more.`,
      "",
      "| agent | MiB before | MiB | bytes per series |",
      "| --- | --- | --- | --- |",
      ...rows,
    ].join("\n"),
  ];
}

/** The median, with the least and the most behind it. */
function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return "";
  if (values.length === 1) return values[0]!.toFixed(digits);
  return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function writeTables(text: string): void {
  const path = join(import.meta.dirname, "../README.md");
  const page = readFileSync(path, "utf8");
  writeFileSync(path, page.replace(/(<!-- bench:agents -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${text}\n\n$2`));
}
