import type { Agent } from "./agents.ts";
import type { Measurement, Scenario } from "./measure.ts";

/** Of one scenario: by round, what each agent cost. */
export interface Result {
  readonly scenario: Scenario;
  readonly agents: readonly Agent[];
  /** The name of the agent that ratios are to. */
  readonly reference: string;
  readonly rounds: readonly (readonly Measurement[])[];
}

/** CPU seconds for a million samples. */
export function perMillion({ cpuSeconds, samples }: Measurement): number {
  return (cpuSeconds / samples) * 1e6;
}

export function tableOf({ scenario, agents, reference, rounds }: Result): string {
  const { name, targets, series, churnPercent, intervalSeconds, seconds } = scenario;
  const first = agents.findIndex((agent) => agent.name === reference);
  const rows = agents.map((agent, at) => {
    const of = (pick: (measured: Measurement) => number) => rounds.map((round) => pick(round[at]!));
    const ratios = first < 0 ? [] : rounds.map((round) => perMillion(round[at]!) / perMillion(round[first]!));
    const faults = rounds.flatMap((round) => round[at]!.faults);
    return [
      agent.name,
      spread(of(perMillion), 2),
      spread(ratios, 2),
      median(of((measured) => measured.residentMiB)).toFixed(0),
      median(of((measured) => measured.anonymousMiB)).toFixed(0),
      Math.max(...of((measured) => measured.highestResidentMiB)).toFixed(0),
      median(of(({ bytes, samples }) => bytes / samples)).toFixed(1),
      median(of(({ writtenBytes, samples }) => writtenBytes / samples)).toFixed(1),
      median(of(({ latenessP99 }) => latenessP99)).toFixed(0),
      `${median(of(({ lagP50 }) => lagP50))} / ${median(of(({ lagP99 }) => lagP99))}`,
      faults.length === 0 ? "yes" : [...new Set(faults)].join("; "),
    ];
  });
  const churn = churnPercent === 0 ? "" : `, ${churnPercent} % of the series replaced at each scrape`;
  const columns = [
    "agent",
    "CPU s per million samples",
    `ratio to ${reference}`,
    "resident MiB",
    "anonymous",
    "highest",
    "bytes sent per sample",
    "bytes written to disk per sample",
    "lateness p99, ms",
    "lag p50 / p99, ms",
    "each sample once, bit for bit",
  ];
  return [
    `**${name}**: ${targets} targets × ${series} series every ${intervalSeconds} s${churn}; ${rounds.length} rounds of ${seconds} s.`,
    "",
    ...markdownTable(columns, rows),
  ].join("\n");
}

/** What a series takes, from two scenarios that differ in the number of series. */
export function perSeries(few: Result, many: Result): string {
  const series = many.scenario.targets * many.scenario.series - few.scenario.targets * few.scenario.series;
  const rows = many.agents.map(({ name }, at) => {
    const [before, after] = [few, many].map(({ rounds }) => median(rounds.map((round) => round[at]!.anonymousMiB)));
    const bytes = ((after! - before!) * 2 ** 20) / series;
    return [name, before!.toFixed(0), after!.toFixed(0), bytes.toFixed(0)];
  });
  return [
    `**Memory per active series**: anonymous memory of **${few.scenario.name}** and **${many.scenario.name}**, which has ${series} series more.`,
    "",
    ...markdownTable(["agent", "MiB before", "MiB", "bytes per series"], rows),
  ].join("\n");
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
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
