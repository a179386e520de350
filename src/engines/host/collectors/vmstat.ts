import { parseVmstat } from "../../../formats/procfs/vmstat.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, untyped } from "../collector.ts";

export const vmstat: CollectorSpec = {
  name: "vmstat",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const [name, value] of parseVmstat(files.proc("vmstat"))) {
        if (!options.vmstat.field(name)) continue;
        emit(untyped(`node_vmstat_${name}`, `/proc/vmstat information field ${name}.`), noLabels, value);
      }
    };
  },
};
