import { parseStat, softirqVectors } from "../../../formats/procfs/stat.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, gauge } from "../collector.ts";

const interrupts = counter("node_intr_total", "Total number of interrupts serviced.");
const contextSwitches = counter("node_context_switches_total", "Total number of context switches.");
const forks = counter("node_forks_total", "Total number of forks.");
export const bootTime = gauge("node_boot_time_seconds", "Node boot time, in unixtime.");
const running = gauge("node_procs_running", "Number of processes in runnable state.");
const blocked = gauge("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.");
const softirqs = counter("node_softirqs_total", "Number of softirq calls.");

export const stat: CollectorSpec = {
  name: "stat",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      const now = parseStat(files.proc("stat"));
      emit(interrupts, noLabels, now.interrupts);
      emit(contextSwitches, noLabels, now.contextSwitches);
      emit(forks, noLabels, now.forks);
      emit(bootTime, noLabels, now.bootTime);
      emit(running, noLabels, now.running);
      emit(blocked, noLabels, now.blocked);
      if (!options.stat.softirq) return;
      for (const [at, vector] of softirqVectors.entries()) emit(softirqs, ["vector", vector], now.softirqs[at]!);
    };
  },
};
