import { parseUdpQueues } from "../../../formats/procfs/udp.ts";
import { type CollectorSpec, gauge, NoData } from "../collector.ts";
import { ifThere } from "../missing.ts";

const queues = gauge("node_udp_queues", "Number of allocated memory in the kernel for UDP datagrams in bytes.");

export const udpQueues: CollectorSpec = {
  name: "udp_queues",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      let found = 0;
      for (const [ip, file] of [
        ["v4", "net/udp"],
        ["v6", "net/udp6"],
      ] as const) {
        const text = ifThere(() => files.proc(file));
        if (text === undefined) continue;
        found++;
        const { tx, rx } = parseUdpQueues(text, file);
        emit(queues, ["ip", ip, "queue", "tx"], tx);
        emit(queues, ["ip", ip, "queue", "rx"], rx);
      }
      if (found === 0) throw new NoData("this host has no UDP");
    };
  },
};
