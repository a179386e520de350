/** The files below /proc/<pid> and /proc/<pid>/task/<tid>: proc_pid_stat(5) and its neighbours. */

export interface PidStat {
  readonly comm: string;
  readonly state: string;
  readonly parent: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  /** Hundredths of a second. */
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threads: number;
  /** Hundredths of a second after boot; with the pid it is one process and no other. */
  readonly startTicks: number;
  readonly virtualBytes: number;
}

/** Undefined where the text is not a whole line: the process went away meanwhile. */
export function parsePidStat(text: string): PidStat | undefined {
  // The command may hold spaces and parentheses; its end is the last one.
  const [open, close] = [text.indexOf("("), text.lastIndexOf(")")];
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(" ");
  if (fields.length < 21) return undefined;
  const number = (field: number) => Number(fields[field - 3]);
  return {
    comm: text.slice(open + 1, close),
    state: fields[0]!,
    parent: number(4),
    minorFaults: number(10),
    majorFaults: number(12),
    userTicks: number(14),
    systemTicks: number(15),
    threads: number(20),
    startTicks: number(22),
    virtualBytes: number(23),
  };
}

/** The number behind `name:`, without its unit; 0 where there is none, as kernel threads have no memory. */
export function numberOf(text: string, name: string): number {
  const at = text.startsWith(`${name}:`) ? 0 : text.indexOf(`\n${name}:`) + 1;
  if (at === 0 && !text.startsWith(`${name}:`)) return 0;
  const value = Number.parseInt(text.slice(at + name.length + 1), 10);
  return Number.isNaN(value) ? 0 : value;
}

/** The second number behind `Uid:`, which counts for what the process may do. */
export function effectiveUser(status: string): string {
  return /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? "";
}

/** The soft limit of open files; infinite where there is none. */
export function openFilesLimit(limits: string): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return soft === undefined || soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The arguments, which end with a NUL each; kernel threads and zombies have none. */
export function parseCmdline(text: string): string[] {
  return text === "" ? [] : text.replace(/\0+$/, "").split("\0");
}
