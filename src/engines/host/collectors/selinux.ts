import { join } from "node:path";
import { parseMountinfo } from "../../../formats/procfs/mountinfo.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere } from "../missing.ts";

const enabled = gauge("node_selinux_enabled", "SELinux is enabled, 1 is true, 0 is false");
const configMode = gauge("node_selinux_config_mode", "Configured SELinux enforcement mode");
const currentMode = gauge("node_selinux_current_mode", "Current SELinux enforcement mode");

const enforcing = 1;
const permissive = 0;
const disabled = -1;

export const selinux: CollectorSpec = {
  name: "selinux",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const mountPoint = selinuxfs(files);
      const enforce =
        mountPoint === undefined ? undefined : files.text(join(files.paths.rootfs, mountPoint, "enforce"));
      emit(enabled, noLabels, enforce === undefined ? 0 : 1);
      if (enforce === undefined) return;
      emit(configMode, noLabels, configuredMode(files));
      emit(currentMode, noLabels, enforce.trim() === "1" ? enforcing : permissive);
    };
  },
};

/** A kernel that was told selinux=0 mounts none. */
function selinuxfs(files: HostFiles): string | undefined {
  const mountinfo = ifThere(() => files.proc("self/mountinfo", "latin1")) ?? "";
  if (!mountinfo.includes("selinuxfs")) return undefined;
  return parseMountinfo(mountinfo).find(({ fsType }) => fsType === "selinuxfs")?.mountPoint;
}

function configuredMode(files: HostFiles): number {
  const config = files.text(join(files.paths.rootfs, "etc/selinux/config")) ?? "";
  const mode = /^SELINUX=\s*(\S+)/m.exec(config)?.[1]?.toLowerCase();
  if (mode === "enforcing") return enforcing;
  return mode === "permissive" ? permissive : disabled;
}
