import { lines, unsigned, words } from "./text.ts";

/** A `cpu` line of /proc/schedstat (Documentation/scheduler/sched-stats.rst). */
export interface SchedStat {
  readonly cpu: string;
  readonly runningNanoseconds: number;
  readonly waitingNanoseconds: number;
  readonly timeslices: number;
}

export function parseSchedstat(text: string): SchedStat[] {
  const stats: SchedStat[] = [];
  for (const line of lines(text)) {
    if (!/^cpu[0-9]/.test(line)) continue;
    const columns = words(line);
    const [running, waiting, timeslices] = columns.slice(7, 10).map((text) => unsigned(text, "schedstat", line));
    if (timeslices === undefined) continue;
    stats.push({
      cpu: columns[0]!.slice("cpu".length),
      runningNanoseconds: running!,
      waitingNanoseconds: waiting!,
      timeslices,
    });
  }
  return stats;
}
