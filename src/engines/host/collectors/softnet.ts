import { parseSoftnetStat, type SoftnetStat } from "../../../formats/procfs/softnet-stat.ts";
import { type CollectorSpec, counter, type Family, gauge } from "../collector.ts";

const families: readonly (readonly [column: Exclude<keyof SoftnetStat, "cpu">, family: Family])[] = [
  ["processed", counter("node_softnet_processed_total", "Number of processed packets")],
  ["dropped", counter("node_softnet_dropped_total", "Number of dropped packets")],
  ["timeSqueezed", counter("node_softnet_times_squeezed_total", "Number of times processing packets ran out of quota")],
  [
    "cpuCollision",
    counter(
      "node_softnet_cpu_collision_total",
      "Number of collision occur while obtaining device lock while transmitting",
    ),
  ],
  ["receivedRps", counter("node_softnet_received_rps_total", "Number of times cpu woken up received_rps")],
  ["flowLimitCount", counter("node_softnet_flow_limit_count_total", "Number of times flow limit has been reached")],
  ["backlogLength", gauge("node_softnet_backlog_len", "Softnet backlog status")],
];

export const softnet: CollectorSpec = {
  name: "softnet",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const stat of parseSoftnetStat(files.proc("net/softnet_stat"))) {
        const labels = ["cpu", String(stat.cpu)];
        for (const [column, family] of families) emit(family, labels, stat[column]);
      }
    };
  },
};
