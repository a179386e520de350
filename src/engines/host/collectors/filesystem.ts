import { join } from "node:path";
import { type Mount, parseMountinfo } from "../../../formats/procfs/mountinfo.ts";
import { answersAtOnce, hangable } from "../../../formats/procfs/network-mounts.ts";
import { utf8 } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, type Emit, type FileSystemStats, gauge } from "../collector.ts";
import { errnoText } from "../errno-text.ts";
import { errorCode } from "../error-code.ts";
import type { HostFiles } from "../host-files.ts";
import { type MountAnswer, MountStats, mountTimeout } from "../mount-stats.ts";
import type { HostOptions } from "../options.ts";

export const size = gauge("node_filesystem_size_bytes", "Filesystem size in bytes.");
export const free = gauge("node_filesystem_free_bytes", "Filesystem free space in bytes.");
export const avail = gauge("node_filesystem_avail_bytes", "Filesystem space available to non-root users in bytes.");
const inodes = gauge("node_filesystem_files", "Filesystem total file nodes.");
const inodesFree = gauge("node_filesystem_files_free", "Filesystem total free file nodes.");
const purgeable = gauge(
  "node_filesystem_purgeable_bytes",
  "Filesystem space available including purgeable space (MacOS specific).",
);
export const readonly = gauge("node_filesystem_readonly", "Filesystem read-only status.");
export const deviceError = gauge(
  "node_filesystem_device_error",
  "Whether an error occurred while getting statistics for the given device.",
);
const mountInfo = gauge("node_filesystem_mount_info", "Filesystem mount information.");

export const filesystem: CollectorSpec = {
  name: "filesystem",
  enabledByDefault: true,

  create({ files, statfs, statfsApart = statfs, statfsNow, clock }, options) {
    const ask = (path: Buffer, mayHang: boolean) => (mayHang ? statfsApart : statfs)(path);
    const mountStats = new MountStats(ask, clock, options.filesystem.mountTimeoutMs);
    return async (emit) => {
      const mounts = readMounts(files, options.filesystem);
      const mayHang = hangable(mounts);
      const answers = await Promise.all(
        mounts.map((mount) => {
          const path = join(files.paths.rootfs, mount.mountPoint);
          const isQuick = statfsNow !== undefined && answersAtOnce(mount) && !mayHang(mount);
          return isQuick ? answerNow(statfsNow, path) : mountStats.ask(path, mayHang(mount));
        }),
      );
      const emitOnce = once(emit);
      for (const [at, mount] of mounts.entries()) emitMount(emitOnce, mount, answers[at]!);
    };
  },
};

function answerNow(statfsNow: (path: Buffer) => FileSystemStats, path: string): MountAnswer {
  try {
    return { stats: statfsNow(Buffer.from(path, "latin1")) };
  } catch (error) {
    return { error: errnoText(error) };
  }
}

/** What is mounted twice in one place has the same series twice; the first one stays. */
function once(emit: Emit): Emit {
  const emitted = new Set<string>();
  return (family, labels, value) => {
    const series = [family.name, ...labels].join("\0");
    if (emitted.has(series)) return;
    emitted.add(series);
    emit(family, labels, value);
  };
}

/** The mounts of the first process are the host's own, also for an agent whose unit hides some of them from it. */
function readMounts(files: HostFiles, options: HostOptions["filesystem"]): Mount[] {
  return parseMountinfo(readMountinfo(files))
    .map((mount) => ({ ...mount, mountPoint: withoutRoot(mount.mountPoint, files.paths.rootfs) }))
    .filter(({ mountPoint, fsType }) => options.mountPoint(utf8(mountPoint)) && options.fsType(utf8(fsType)));
}

/** With hidepid, procfs hides the first process from other users; its own mounts are then the best an agent can see. */
function readMountinfo(files: HostFiles): string {
  try {
    return files.proc("1/mountinfo", "latin1");
  } catch (error) {
    if (!["ENOENT", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) throw error;
    return files.proc("self/mountinfo", "latin1");
  }
}

/** In a container that has the host's root mounted at `rootfs_path`, labels shall show the host's view. */
function withoutRoot(mountPoint: string, rootfs: string): string {
  if (rootfs === "/" || !mountPoint.startsWith(rootfs)) return mountPoint;
  return mountPoint.slice(rootfs.length) || "/";
}

function emitMount(emit: Emit, mount: Mount, answer: MountAnswer): void {
  const error = "error" in answer ? answer.error : "";
  const device = utf8(mount.device);
  const mountpoint = utf8(mount.mountPoint);
  const labels = ["device", device, "device_error", error, "fstype", utf8(mount.fsType), "mountpoint", mountpoint];
  emit(deviceError, labels, error === "" ? 0 : 1);
  emit(readonly, labels, isReadonly(mount) && error !== mountTimeout ? 1 : 0);
  if (!("stats" in answer)) return;
  emitStats(emit, labels, answer.stats);
  const { major, minor } = mount;
  emit(mountInfo, ["device", device, "major", major, "minor", minor, "mountpoint", mountpoint], 1);
}

function emitStats(emit: Emit, labels: readonly string[], stats: FileSystemStats): void {
  emit(size, labels, stats.blocks * stats.bsize);
  emit(free, labels, stats.bfree * stats.bsize);
  emit(avail, labels, stats.bavail * stats.bsize);
  emit(inodes, labels, stats.files);
  emit(inodesFree, labels, stats.ffree);
  // A metric of macOS that upstream has on Linux too, always 0.
  emit(purgeable, labels, 0);
}

function isReadonly({ options, superOptions }: Mount): boolean {
  return options.includes("ro") || superOptions.includes("ro") || superOptions.includes("emergency_ro");
}
