import { parseInterrupts } from "../../../formats/procfs/interrupts.ts";
import { unsigned } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, counter } from "../collector.ts";

const interruptsTotal = counter("node_interrupts_total", "Interrupt details.");

export const interrupts: CollectorSpec = {
  name: "interrupts",
  enabledByDefault: false,

  create({ files }, { interrupts: options }) {
    return (emit) => {
      for (const { name, info, devices, counts } of parseInterrupts(files.proc("interrupts"))) {
        if (!options.name(`${name};${info};${devices}`)) continue;
        for (const [cpu, text] of counts.entries()) {
          const count = unsigned(text, "interrupts", text);
          if (count === 0 && !options.includeZeros) continue;
          emit(interruptsTotal, ["cpu", String(cpu), "devices", devices, "info", info, "type", name], count);
        }
      }
    };
  },
};
