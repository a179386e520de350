import { readFileSync } from "node:fs";

/** What a process has cost so far. */
export interface ProcessUsage {
  /** User and system time. */
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  readonly highestResidentMiB: number;
  /** What it wrote to files that have a disk below them. */
  readonly writtenBytes: number;
}

/** From /proc (proc_pid_stat(5), fields 14 and 15, in hundredths of a second; proc_pid_status(5); proc_pid_io(5), write_bytes). */
export function usageOf(pid: number): ProcessUsage {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    residentMiB: mib("VmRSS"),
    anonymousMiB: mib("RssAnon"),
    highestResidentMiB: mib("VmHWM"),
    writtenBytes: Number(/^write_bytes: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]),
  };
}
