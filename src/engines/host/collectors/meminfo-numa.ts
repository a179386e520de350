import { parseNodeMeminfo, parseNumastat } from "../../../formats/procfs/node-meminfo.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, counter, gauge } from "../collector.ts";

const folder = "devices/system/node";

/** All fields that the kernel has, unlike meminfo, and without a unit in the name. */
export const meminfoNuma: CollectorSpec = {
  name: "meminfo_numa",
  enabledByDefault: false,

  create({ files }) {
    return (emit) =>
      allOrNothing(emit, (held) => {
        for (const name of files.sysNames(folder)) {
          const node = /^node([0-9]+)$/.exec(name)?.[1];
          if (node === undefined) continue;
          for (const [field, value] of parseNodeMeminfo(files.sysOnce(`${folder}/${name}/meminfo`))) {
            held(gauge(...named(field.replace(/\((.*)\)/, "_$1"))), ["node", node], value);
          }
          for (const [statistic, value] of parseNumastat(files.sysOnce(`${folder}/${name}/numastat`))) {
            held(counter(...named(`${statistic}_total`)), ["node", node], value);
          }
        }
      });
  },
};

function named(field: string): [name: string, help: string] {
  return [`node_memory_numa_${field}`, `Memory information field ${field}.`];
}
