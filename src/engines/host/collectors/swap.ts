import { parseSwaps } from "../../../formats/procfs/swaps.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const size = gauge("node_swap_size_bytes", "Swap device size in bytes.");
const used = gauge("node_swap_used_bytes", "Swap device used in bytes.");
const priority = gauge("node_swap_priority", "Swap device priority.");

export const swap: CollectorSpec = {
  name: "swap",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const one of parseSwaps(files.proc("swaps"))) {
        const labels = ["device", one.device, "swap_type", one.type];
        emit(size, labels, one.size * 1024);
        emit(used, labels, one.used * 1024);
        emit(priority, labels, one.priority);
      }
    };
  },
};
