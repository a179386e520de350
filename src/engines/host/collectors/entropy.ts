import { unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const available = gauge("node_entropy_available_bits", "Bits of available entropy.");
const poolSize = gauge("node_entropy_pool_size_bits", "Bits of entropy pool.");

export const entropy: CollectorSpec = {
  name: "entropy",
  enabledByDefault: true,

  create({ files }) {
    const read = (name: string) => {
      const text = files.proc(`sys/kernel/random/${name}`).trim();
      return unsigned(text, name, text);
    };
    return (emit) => {
      const [bits, size] = [read("entropy_avail"), read("poolsize")];
      emit(available, noLabels, bits);
      emit(poolSize, noLabels, size);
    };
  },
};
