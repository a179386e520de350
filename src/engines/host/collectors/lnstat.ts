import { join } from "node:path";
import { parseLnstat } from "../../../formats/procfs/lnstat.ts";
import { type CollectorSpec, counter } from "../collector.ts";
import { procNames } from "../hardware-files.ts";

export const lnstat: CollectorSpec = {
  name: "lnstat",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const subsystem of procNames(files, "net/stat")) {
        const text = files.text(join(files.paths.procfs, "net/stat", subsystem)) ?? "";
        for (const [column, values] of parseLnstat(text)) {
          const family = counter(`node_lnstat_${column}_total`, "linux network cache stats");
          for (const [cpu, value] of values.entries())
            emit(family, ["cpu", String(cpu), "subsystem", subsystem], value);
        }
      }
    };
  },
};
