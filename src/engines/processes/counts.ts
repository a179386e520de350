import { numberOf, type PidStat } from "../../formats/procfs/pid-files.ts";

/** What a process or a thread has used since it began, in the order of `countKinds`. */
export type Counts = readonly number[];

/** CPU time stays in the kernel's hundredths of a second: whole numbers add up without error. */
const countKinds = [
  "userTicks",
  "systemTicks",
  "readBytes",
  "writtenBytes",
  "majorFaults",
  "minorFaults",
  "voluntarySwitches",
  "nonvoluntarySwitches",
] as const;

/** From stat, status and io of a process or a thread; what could not be read is 0. */
export function countsOf(stat: PidStat, status: string, io: string): Counts {
  return [
    stat.userTicks,
    stat.systemTicks,
    numberOf(io, "read_bytes"),
    numberOf(io, "write_bytes"),
    stat.majorFaults,
    stat.minorFaults,
    numberOf(status, "voluntary_ctxt_switches"),
    numberOf(status, "nonvoluntary_ctxt_switches"),
  ];
}

/** A running sum that only grows: what a process used before it was first seen is not in it. */
export class GrowingCounts {
  readonly values: number[] = countKinds.map(() => 0);

  add(now: Counts, before: Counts): void {
    for (let at = 0; at < this.values.length; at++) {
      this.values[at]! += Math.max(0, (now[at] ?? 0) - (before[at] ?? 0));
    }
  }
}
