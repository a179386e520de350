import { parseMeminfo } from "../../../formats/procfs/meminfo.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Family, gauge } from "../collector.ts";

/**
 * The fields that node_exporter knows. The kernel has more (KReclaimable, Balloon, …), and a field that is not here is
 * not exported, however useful it may be.
 */
const knownFields = `
  MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
  Inactive(file) Unevictable Mlocked SwapTotal SwapFree Zswap Zswapped Dirty Writeback AnonPages Mapped Shmem Slab
  SReclaimable SUnreclaim KernelStack PageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal
  VmallocUsed VmallocChunk Percpu HardwareCorrupted AnonHugePages ShmemHugePages ShmemPmdMapped CmaTotal CmaFree
  HugePages_Total HugePages_Free HugePages_Rsvd HugePages_Surp Hugepagesize DirectMap4k DirectMap2M DirectMap1G`
  .trim()
  .split(/\s+/);

const families: readonly (readonly [field: string, family: Family])[] = knownFields.map((field) => [
  field,
  familyOf(field),
]);

export const meminfo: CollectorSpec = {
  name: "meminfo",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const values = parseMeminfo(files.proc("meminfo"));
      for (const [field, family] of families) {
        const value = values.get(field);
        if (value !== undefined) emit(family, noLabels, value);
      }
    };
  },
};

/** `Active(anon)` is Active_anon_bytes; the counts of huge pages have no unit. */
export function familyOf(field: string): Family {
  const name = field.replace("(", "_").replace(")", "") + (field.startsWith("HugePages_") ? "" : "_bytes");
  return gauge(`node_memory_${name}`, `Memory information field ${name}.`);
}
