import { unsigned } from "../../../formats/procfs/text.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { orNoData } from "../missing.ts";

const info = gauge("node_nvme_info", "Non-numeric data from /sys/class/nvme/<device>, value is always 1.");
const namespaceInfo = gauge("node_nvme_namespace_info", "Information about NVMe namespaces. Value is always 1");
const capacity = gauge(
  "node_nvme_namespace_capacity_bytes",
  "Capacity of the NVMe namespace in bytes. Computed as namespace_size * namespace_logical_block_size",
);
const size = gauge(
  "node_nvme_namespace_size_bytes",
  "Size of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/size",
);
const used = gauge(
  "node_nvme_namespace_used_bytes",
  "Used space of the NVMe namespace in bytes. Available in /sys/class/nvme/<device>/<namespace>/nuse",
);
const blockSize = gauge(
  "node_nvme_namespace_logical_block_size_bytes",
  "Logical block size of the NVMe namespace in bytes. Usually 4Kb. Available in " +
    "/sys/class/nvme/<device>/<namespace>/queue/logical_block_size",
);

const folder = "class/nvme";

export const nvme: CollectorSpec = {
  name: "nvme",
  enabledByDefault: true,

  create({ files }) {
    return (emit) =>
      allOrNothing(emit, (held) => {
        const devices = orNoData("NVMe devices", () => files.sysFolders(folder));
        for (const device of devices) {
          emitDevice(held, files, device);
          for (const namespace of files.sysNames(`${folder}/${device}`)) {
            // With multipath the folder of a path (nvme0c1n1) is of the same namespace and is left out.
            const nsid = /nvme[0-9]+n([0-9]+)/.exec(namespace)?.[1];
            if (nsid !== undefined) emitNamespace(held, files, device, namespace, nsid);
          }
        }
      });
  },
};

function emitDevice(emit: Emit, files: HostFiles, device: string): void {
  const text = (attribute: string) => files.sysAttribute(`${folder}/${device}/${attribute}`);
  const labels = {
    cntlid: text("cntlid"),
    device,
    firmware_revision: text("firmware_rev"),
    model: text("model"),
    serial: text("serial"),
    state: text("state"),
  };
  emit(info, Object.entries(labels).flat(), 1);
}

function emitNamespace(emit: Emit, files: HostFiles, device: string, namespace: string, nsid: string): void {
  const path = `${folder}/${device}/${namespace}`;
  const number = (attribute: string) => {
    const text = files.sysAttribute(`${path}/${attribute}`);
    return unsigned(text, `${path}/${attribute}`, text);
  };
  const labels = ["device", device, "nsid", nsid];
  const bytes = number("queue/logical_block_size");
  const blocks = number("size");
  emit(namespaceInfo, ["ana_state", files.sys(`${path}/ana_state`) ?? "unknown", ...labels], 1);
  emit(capacity, labels, blocks * bytes);
  emit(size, labels, blocks * bytes);
  emit(used, labels, number("nuse") * bytes);
  emit(blockSize, labels, bytes);
}
