import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Agent, agents, sondeByDurability } from "./agents.ts";
import { type Measurement, measure, type Scenario } from "./measure.ts";
import { perMillion, perSeries, type Result, tableOf } from "./tables.ts";

/** What runs in a scenario; ratios are to the agent at `reference`. */
interface Comparison {
  readonly scenario: Scenario;
  readonly agents: readonly Agent[];
  readonly reference: string;
}

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
const busy = { targets: 50, series: 2000, churnPercent: 0, intervalSeconds: 1, warmUpSeconds: 15, seconds: 25 };
const quiet = { targets: 10, series: 500, churnPercent: 0, intervalSeconds: 5, warmUpSeconds: 120, seconds: 60 };
const wide = { targets: 500, series: 1000, churnPercent: 0, intervalSeconds: 15, warmUpSeconds: 45, seconds: 45 };
const few = { name: "few series", ...wide, series: 50 };
const scale = { name: "scale", ...wide };
const peers = { agents, reference: "vmagent" };
const comparisons: readonly Comparison[] = [
  { scenario: { name: "100k/s", ...busy }, ...peers },
  { scenario: { name: "1k/s", ...quiet }, ...peers },
  { scenario: { name: "churn", ...busy, churnPercent: 1 }, ...peers },
  { scenario: few, ...peers },
  { scenario: scale, ...peers },
  { scenario: { name: "durability", ...busy }, agents: sondeByDurability, reference: sondeByDurability[0]!.name },
];

const [rounds = "3", only, ...names] = process.argv.slice(2);
const results: Result[] = [];
for (const { scenario, agents, reference } of comparisons) {
  if (only !== undefined && scenario.name !== only) continue;
  const chosen = agents.filter(({ name }) => names.length === 0 || names.some((part) => name.startsWith(part)));
  results.push({ scenario, reference, agents: chosen, rounds: await measureRounds(scenario, chosen) });
}
const tables = results.map(tableOf);
const [before, after] = [few, scale].map((scenario) => results.find((result) => result.scenario === scenario));
if (before !== undefined && after !== undefined) tables.push(perSeries(before, after));
console.log(`\n${tables.join("\n\n")}`);
if (only === undefined) writeTables(tables.join("\n\n"));

async function measureRounds(scenario: Scenario, agents: readonly Agent[]): Promise<Measurement[][]> {
  const measured: Measurement[][] = [];
  for (let round = 1; round <= Number(rounds); round++) {
    const measurements: Measurement[] = [];
    for (const agent of agents) {
      const measurement = await measure(agent, scenario);
      measurements.push(measurement);
      console.log(`${scenario.name} round ${round} ${agent.name}: ${summary(measurement)}`);
    }
    measured.push(measurements);
  }
  return measured;
}

function summary(measured: Measurement): string {
  const { residentMiB, anonymousMiB, bytes, samples, lagP50, lagP99, latenessP99, faults } = measured;
  return [
    `${perMillion(measured).toFixed(2)} s/M`,
    `${residentMiB.toFixed(0)} MiB (${anonymousMiB.toFixed(0)} anonymous)`,
    `${(bytes / samples).toFixed(1)} B/sample`,
    `lag ${lagP50}/${lagP99} ms`,
    `late ${latenessP99} ms`,
    ...faults,
  ].join(", ");
}

function writeTables(text: string): void {
  const path = join(import.meta.dirname, "../README.md");
  const page = readFileSync(path, "utf8");
  writeFileSync(path, page.replace(/(<!-- bench:agents -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${text}\n\n$2`));
}
