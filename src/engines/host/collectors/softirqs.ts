import { parseSoftirqs } from "../../../formats/procfs/softirqs.ts";
import { type CollectorSpec, counter } from "../collector.ts";

const functions = counter("node_softirqs_functions_total", "Softirq counts per CPU.");

/** The types of node_exporter are the kernel's own names. */
const types = new Set("HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU".split(" "));

export const softirqs: CollectorSpec = {
  name: "softirqs",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const [type, counts] of parseSoftirqs(files.proc("softirqs"))) {
        if (!types.has(type)) continue;
        for (const [cpu, count] of counts.entries()) emit(functions, ["cpu", String(cpu), "type", type], count);
      }
    };
  },
};
