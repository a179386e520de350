import { type MdActivity, type MdDevice, parseMdstat } from "../../../formats/procfs/mdstat.ts";
import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { orNoData } from "../missing.ts";

const state = gauge("node_md_state", "Indicates the state of md-device.");
const disks = gauge("node_md_disks", "Number of active/failed/spare disks of device.");
const disksRequired = gauge("node_md_disks_required", "Total number of disks of device.");
const blocks = gauge("node_md_blocks", "Total number of blocks on device.");
const blocksSynced = gauge("node_md_blocks_synced", "Number of blocks synced on device.");
const raidDisks = gauge("node_md_raid_disks", "Number of raid disks on device.");
const degraded = gauge("node_md_degraded", "Number of degraded disks on device.");

/** A device that reshapes is in none of these states. */
const states: readonly (readonly [label: string, activity: MdActivity])[] = [
  ["active", "active"],
  ["inactive", "inactive"],
  ["recovering", "recovering"],
  ["resync", "resyncing"],
  ["check", "checking"],
];

export const mdadm: CollectorSpec = {
  name: "mdadm",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const mdstat = orNoData("software RAID", () => files.proc("mdstat"));
      for (const device of parseMdstat(mdstat)) emitDevice(emit, device);
      for (const name of files.sysNames("block")) {
        if (name.startsWith("md") && files.hasSys(`block/${name}/md`)) emitRaid(emit, files, name);
      }
    };
  },
};

function emitDevice(emit: Emit, device: MdDevice): void {
  const labels = ["device", device.name];
  for (const [label, activity] of states)
    emit(state, [...labels, "state", label], device.activity === activity ? 1 : 0);
  for (const kind of ["active", "failed", "spare"] as const)
    emit(disks, [...labels, "state", kind], device.disks[kind]);
  emit(disksRequired, labels, device.disks.total);
  emit(blocks, labels, device.blocks);
  emit(blocksSynced, labels, device.blocksSynced);
}

/** Containers of firmware RAID (imsm, ddf) have no number of disks, and stripes nothing that counts missing ones. */
function emitRaid(emit: Emit, files: HostFiles, name: string): void {
  const numberOf = (attribute: string) => /^[0-9]+/.exec(files.sys(`block/${name}/md/${attribute}`) ?? "")?.[0];
  const count = numberOf("raid_disks");
  if (count !== undefined) emit(raidDisks, ["device", name], Number(count));
  emit(degraded, ["device", name], Number(numberOf("degraded") ?? 0));
}
