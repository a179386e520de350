import { allocationRatio, parseCommitStats } from "../../../formats/procfs/btrfs.ts";
import { type CollectorSpec, counter, type Emit, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere } from "../missing.ts";

const info = gauge("node_btrfs_info", "Filesystem information");
const globalReserve = gauge("node_btrfs_global_rsv_size_bytes", "Size of global reserve.");
const commits = counter("node_btrfs_commits_total", "The total number of commits that have occurred.");
const lastCommit = gauge("node_btrfs_last_commit_seconds", "Duration of the most recent commit, in seconds.");
const maxCommit = gauge("node_btrfs_max_commit_seconds", "Duration of the slowest commit, in seconds.");
const commitSeconds = counter("node_btrfs_commit_seconds_total", "Sum of the duration of all commits, in seconds.");
const reserved = gauge("node_btrfs_reserved_bytes", "Amount of space reserved for a data type");
const used = gauge("node_btrfs_used_bytes", "Amount of used space by a layout/data type");
const size = gauge("node_btrfs_size_bytes", "Amount of space allocated for a layout/data type");
const ratio = gauge("node_btrfs_allocation_ratio", "Data allocation ratio for a layout/data type");
const deviceSize = gauge("node_btrfs_device_size_bytes", "Size of a device that is part of the filesystem.");

const folder = "fs/btrfs";
/** sysfs counts a device's size in sectors of 512 bytes, whatever its own are. */
const sector = 512;

/** What upstream gets as an unprivileged user: errors per device and unused space need an ioctl that only root may do. */
export const btrfs: CollectorSpec = {
  name: "btrfs",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const name of files.sysNames(folder)) if (name.includes("-")) emitFilesystem(emit, files, name);
    };
  },
};

function emitFilesystem(emit: Emit, files: HostFiles, name: string): void {
  const path = `${folder}/${name}`;
  const uuid = files.sys(`${path}/metadata_uuid`) || name;
  const devices = files.sysNames(`${path}/devices`);
  emit(info, ["label", files.sys(`${path}/label`) ?? "", "uuid", uuid], 1);
  emit(globalReserve, ["uuid", uuid], readNumber(files, `${path}/allocation/global_rsv_size`));
  emitCommits(emit, files, path, uuid);
  for (const type of ["data", "metadata", "system"]) {
    emitAllocation(emit, files, `${path}/allocation/${type}`, ["block_group_type", type], uuid, devices.length);
  }
  for (const device of devices) {
    emit(deviceSize, ["device", device, "uuid", uuid], readNumber(files, `${path}/devices/${device}/size`) * sector);
  }
}

function emitCommits(emit: Emit, files: HostFiles, path: string, uuid: string): void {
  const stats = parseCommitStats(ifThere(() => files.sysOnce(`${path}/commit_stats`)) ?? "");
  emit(commits, ["uuid", uuid], stats.commits);
  emit(lastCommit, ["uuid", uuid], stats.lastMs / 1000);
  emit(maxCommit, ["uuid", uuid], stats.maxMs / 1000);
  emit(commitSeconds, ["uuid", uuid], stats.totalMs / 1000);
}

/** Each profile (`raid1`) that is in use has a folder. */
function emitAllocation(
  emit: Emit,
  files: HostFiles,
  path: string,
  type: readonly string[],
  uuid: string,
  devices: number,
): void {
  emit(reserved, [...type, "uuid", uuid], readNumber(files, `${path}/bytes_reserved`));
  for (const profile of files.sysFolders(path)) {
    const labels = [...type, "mode", profile, "uuid", uuid];
    emit(used, labels, readNumber(files, `${path}/${profile}/used_bytes`));
    emit(size, labels, readNumber(files, `${path}/${profile}/total_bytes`));
    emit(ratio, labels, allocationRatio(profile, devices));
  }
}

/** What is missing or no number is 0, as upstream has it. */
function readNumber(files: HostFiles, name: string): number {
  const text = files.sys(name) ?? "";
  return /^[0-9]+$/.test(text) ? Number(text) : 0;
}
