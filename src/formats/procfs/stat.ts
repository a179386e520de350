import { lines, malformed, unsigned, words } from "./text.ts";

/** The columns of a `cpu` line of /proc/stat, in their order (proc_stat(5)). */
export const cpuModes = [
  "user",
  "nice",
  "system",
  "idle",
  "iowait",
  "irq",
  "softirq",
  "steal",
  "guest",
  "guest_nice",
] as const;

/** The columns of the `softirq` line behind their sum: the kernel's softirq_to_name in lower case. */
export const softirqVectors = [
  "hi",
  "timer",
  "net_tx",
  "net_rx",
  "block",
  "block_iopoll",
  "tasklet",
  "sched",
  "hrtimer",
  "rcu",
] as const;

/** USER_HZ is 100 on every architecture that Linux supports: the ABI of /proc, whatever the kernel's own HZ is. */
const userHz = 100;

/** Seconds per CPU number, one per mode; columns that old kernels do not have are 0. The line of all CPUs is left out. */
export function parseCpuTimes(text: string): Map<number, number[]> {
  const cpus = new Map<number, number[]>();
  for (const line of lines(text)) {
    if (!line.startsWith("cpu")) break;
    const [name = "", ...columns] = words(line);
    if (name === "cpu") continue;
    const ticks = cpuModes.map((_mode, at) => (at < columns.length ? unsigned(columns[at], "stat", line) : 0));
    cpus.set(
      unsigned(name.slice(3), "stat", line),
      ticks.map((count) => count / userHz),
    );
  }
  return cpus;
}

interface KernelStat {
  bootTime: number;
  contextSwitches: number;
  forks: number;
  interrupts: number;
  running: number;
  blocked: number;
  /** In the order of `softirqVectors`. */
  softirqs: number[];
}

/** Everything of /proc/stat but the CPUs. What the kernel does not have is 0. */
export function parseStat(text: string): KernelStat {
  const stat: KernelStat = {
    bootTime: 0,
    contextSwitches: 0,
    forks: 0,
    interrupts: 0,
    running: 0,
    blocked: 0,
    softirqs: softirqVectors.map(() => 0),
  };
  for (const line of lines(text)) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const name = line.slice(0, space);
    if (name === "softirq") stat.softirqs = parseSoftirqs(line);
    const key = keys.get(name);
    // Only the sum is read of `intr`, whose line has a column per interrupt: tens of kilobytes on a large machine.
    if (key !== undefined) stat[key] = unsigned(/^[^ ]*/.exec(line.slice(space + 1))?.[0], "stat", line);
  }
  return stat;
}

const keys = new Map<string, Exclude<keyof KernelStat, "softirqs">>([
  ["btime", "bootTime"],
  ["ctxt", "contextSwitches"],
  ["intr", "interrupts"],
  ["processes", "forks"],
  ["procs_blocked", "blocked"],
  ["procs_running", "running"],
]);

function parseSoftirqs(line: string): number[] {
  const [, , ...counts] = words(line);
  if (counts.length < softirqVectors.length) throw malformed("stat", line);
  return softirqVectors.map((_vector, at) => unsigned(counts[at], "stat", line));
}
