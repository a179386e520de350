import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import { attribute, classNames } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";

const info = gauge("node_nvmesubsystem_info", "Non-numeric information about an NVMe subsystem.");
const namespaceInfo = gauge(
  "node_nvmesubsystem_namespace_info",
  "Maps an NVMe namespace block device to its subsystem.",
);
const paths = gauge("node_nvmesubsystem_paths", "Number of controller paths for an NVMe subsystem.");
const pathsLive = gauge(
  "node_nvmesubsystem_paths_live",
  "Number of controller paths in live state for an NVMe subsystem.",
);
const pathState = gauge(
  "node_nvmesubsystem_path_state",
  "Current NVMe controller path state (1 for the current state, 0 for all others).",
);

const states = ["live", "connecting", "resetting", "dead", "unknown"];
/** Known, but without a series of their own: all series of such a path are 0. */
const passingStates = ["deleting", "deleting (no IO)", "new"];

export const nvmesubsystem: CollectorSpec = {
  name: "nvmesubsystem",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      const names = classNames(files, "class/nvme-subsystem");
      for (const name of names.filter((name) => name.startsWith("nvme-subsys"))) emitSubsystem(files, emit, name);
    };
  },
};

function emitSubsystem(files: HostFiles, emit: Emit, subsystem: string): void {
  const folder = `class/nvme-subsystem/${subsystem}`;
  const read = (name: string) => attribute(files, `${folder}/${name}`);
  const labels = ["iopolicy", read("iopolicy"), "model", read("model"), "nqn", read("subsysnqn")];
  emit(info, [...labels, "serial", read("serial"), "subsystem", subsystem], 1);
  const names = files.sysNames(folder);
  for (const device of names.filter((name) => /^nvme\d+n\d+$/.test(name))) {
    emit(namespaceInfo, ["device", device, "subsystem", subsystem], 1);
  }
  const controllers = names.filter((name) => /^nvme\d+$/.test(name));
  const live = controllers.filter((controller) => {
    const transport = read(`${controller}/transport`);
    const state = read(`${controller}/state`);
    const shown = states.includes(state) || passingStates.includes(state) ? state : "unknown";
    for (const one of states) {
      const series = ["controller", controller, "state", one, "subsystem", subsystem, "transport", transport];
      emit(pathState, series, one === shown ? 1 : 0);
    }
    return shown === "live";
  });
  emit(paths, ["subsystem", subsystem], controllers.length);
  emit(pathsLive, ["subsystem", subsystem], live.length);
}
