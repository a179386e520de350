import { parseCgroups } from "../../../formats/procfs/cgroups.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const cgroupCount = gauge("node_cgroups_cgroups", "Current cgroup number of the subsystem.");
const enabled = gauge("node_cgroups_enabled", "Current cgroup number of the subsystem.");

export const cgroups: CollectorSpec = {
  name: "cgroups",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const controller of parseCgroups(files.proc("cgroups"))) {
        emit(cgroupCount, ["subsys_name", controller.name], controller.cgroups);
        emit(enabled, ["subsys_name", controller.name], controller.enabled);
      }
    };
  },
};
