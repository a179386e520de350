import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import { attribute, attributeNumber, classNames } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";

const deviceInfo = gauge("node_dmmultipath_device_info", "Non-numeric information about a DM-multipath device.");
const active = gauge(
  "node_dmmultipath_device_active",
  "Whether the multipath device-mapper device is active (1) or suspended (0).",
);
const size = gauge(
  "node_dmmultipath_device_size_bytes",
  "Size of the multipath device in bytes, read from /sys/block/<dm>/size.",
);
const paths = gauge("node_dmmultipath_device_paths", "Number of paths for a multipath device.");
const pathsActive = gauge(
  "node_dmmultipath_device_paths_active",
  "Number of paths in active state (SCSI running or NVMe live) for a multipath device.",
);
const pathsFailed = gauge(
  "node_dmmultipath_device_paths_failed",
  "Number of paths not in active state for a multipath device.",
);
const pathState = gauge(
  "node_dmmultipath_path_state",
  "Reports the underlying device state for a multipath path, as read from /sys/block/<dev>/device/state.",
);

const sectorBytes = 512;

export const dmmultipath: CollectorSpec = {
  name: "dmmultipath",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      for (const name of classNames(files, "block").filter((name) => name.startsWith("dm-"))) {
        const uuid = files.sys(`block/${name}/dm/uuid`);
        if (uuid?.startsWith("mpath-")) emitDevice(files, emit, name, uuid);
      }
    };
  },
};

function emitDevice(files: HostFiles, emit: Emit, sysfsName: string, uuid: string): void {
  const folder = `block/${sysfsName}`;
  const device = attribute(files, `${folder}/dm/name`);
  const labels = ["device", device, "sysfs_name", sysfsName];
  emit(deviceInfo, [...labels, "uuid", uuid], 1);
  emit(active, labels, attributeNumber(files, `${folder}/dm/suspended`) === 1 ? 0 : 1);
  emit(size, labels, attributeNumber(files, `${folder}/size`) * sectorBytes);
  const states = files.sysNames(`${folder}/slaves`).map((path) => {
    const state = attribute(files, `block/${path}/device/state`);
    emit(pathState, ["device", device, "path", path, "state", state], 1);
    return state;
  });
  // What SCSI and NVMe call a path that works.
  const working = states.filter((state) => state === "running" || state === "live").length;
  emit(paths, labels, states.length);
  emit(pathsActive, labels, working);
  emit(pathsFailed, labels, states.length - working);
}
