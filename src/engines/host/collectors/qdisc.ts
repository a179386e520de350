import { parseQdiscs } from "../../../formats/procfs/qdisc.ts";
import { type CollectorSpec, counter, gauge } from "../collector.ts";

const families = [
  ["bytes", counter("node_qdisc_bytes_total", "Number of bytes sent.")],
  ["packets", counter("node_qdisc_packets_total", "Number of packets sent.")],
  ["drops", counter("node_qdisc_drops_total", "Number of packets dropped.")],
  ["requeues", counter("node_qdisc_requeues_total", "Number of packets dequeued, not transmitted, and requeued.")],
  ["overlimits", counter("node_qdisc_overlimits_total", "Number of overlimit packets.")],
  ["qlen", gauge("node_qdisc_current_queue_length", "Number of packets currently in queue to be sent.")],
  ["backlog", gauge("node_qdisc_backlog", "Number of bytes currently in queue to be sent.")],
] as const;

/** Upstream asks the kernel by netlink; `tc` shows the same numbers. */
export const qdisc: CollectorSpec = {
  name: "qdisc",
  enabledByDefault: false,

  create({ helpers }, options) {
    return async (emit) => {
      const qdiscs = parseQdiscs(await helpers.output("tc", ["-s", "-j", "qdisc"], "iproute2"));
      for (const one of qdiscs.filter(({ root, dev }) => root && options.qdisc.device(dev))) {
        for (const [key, family] of families) emit(family, ["device", one.dev, "kind", one.kind], one[key] ?? 0);
      }
    };
  },
};
