import { hexadecimal, lines, malformed, words } from "./text.ts";

/** A CPU's line of /proc/net/softnet_stat; what an old kernel does not count is 0. */
export interface SoftnetStat {
  readonly cpu: number;
  readonly processed: number;
  readonly dropped: number;
  readonly timeSqueezed: number;
  readonly cpuCollision: number;
  readonly receivedRps: number;
  readonly flowLimitCount: number;
  readonly backlogLength: number;
}

export function parseSoftnetStat(text: string): SoftnetStat[] {
  return [...lines(text)].map((line, row) => {
    const columns = words(line).map((column) => hexadecimal(column, "net/softnet_stat", line));
    if (columns.length < 9) throw malformed("net/softnet_stat", line);
    return {
      processed: columns[0]!,
      dropped: columns[1]!,
      timeSqueezed: columns[2]!,
      cpuCollision: columns[8]!,
      receivedRps: columns[9] ?? 0,
      flowLimitCount: columns[10] ?? 0,
      backlogLength: columns[11] ?? 0,
      // Offline CPUs have no line; only since Linux 5.10 a line says whose it is.
      cpu: columns[12] ?? row,
    };
  });
}
