import { cpuModes } from "../../formats/procfs/stat.ts";

const idle = cpuModes.indexOf("idle");
/** A fall of idle by this many seconds is a CPU that was taken out and put back, whose counters began anew. */
const hotplugSeconds = 3;

/**
 * CPU seconds that never go down. The kernel's do: idle and iowait are estimates that it corrects, and a counter that
 * falls by a hundredth looks like a restart to Prometheus.
 */
export class CpuTotals {
  #cpus = new Map<number, number[]>();

  /** Takes what /proc/stat says now; CPUs that are not in it any more are forgotten. */
  update(now: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, readonly number[]> {
    const next = new Map<number, number[]>();
    for (const [cpu, seconds] of now) {
      const last = this.#cpus.get(cpu);
      const isNew = last === undefined || last[idle]! - seconds[idle]! >= hotplugSeconds;
      next.set(cpu, isNew ? [...seconds] : seconds.map((value, mode) => Math.max(value, last[mode]!)));
    }
    this.#cpus = next;
    return next;
  }
}
