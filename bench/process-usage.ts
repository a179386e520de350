import { readFileSync } from "node:fs";

/** What a process has cost so far. */
export interface ProcessUsage {
  /** User and system time. */
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  readonly highestResidentMiB: number;
}

/** From /proc (proc_pid_stat(5), fields 14 and 15, in hundredths of a second; proc_pid_status(5)). */
export function usageOf(pid: number): ProcessUsage {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    residentMiB: mib("VmRSS"),
    anonymousMiB: mib("RssAnon"),
    highestResidentMiB: mib("VmHWM"),
  };
}
