import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import { attribute, classNames } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";
import { portCounters } from "../infiniband-counters.ts";

const info = gauge("node_infiniband_info", "Non-numeric data from /sys/class/infiniband/<device>, value is always 1.");
const stateId = gauge(
  "node_infiniband_state_id",
  "State of the InfiniBand port (0: no change, 1: down, 2: init, 3: armed, 4: active, 5: act defer)",
);
const physicalStateId = gauge(
  "node_infiniband_physical_state_id",
  "Physical state of the InfiniBand port (0: no change, 1: sleep, 2: polling, 3: disable, 4: shift, 5: link up, 6: link error recover, 7: phytest)",
);
const rate = gauge("node_infiniband_rate_bytes_per_second", "Maximum signal transfer rate");
const lifespan = gauge(
  "node_infiniband_lifespan_seconds",
  "The maximum period in ms which defines the aging of the counter reads. Two consecutive reads within this period might return the same values.",
);

const counters: readonly (readonly [file: string, Family])[] = portCounters.map(([file, name, help]) => [
  file,
  counter(`node_infiniband_${name}`, help),
]);

/** Ports count data per lane, and have four of them. */
const perLane = /_(rcv|xmit)_data(_64)?$/;

export const infiniband: CollectorSpec = {
  name: "infiniband",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const device of classNames(files, "class/infiniband").filter(options.infiniband.device)) {
        emitDevice(files, emit, device);
      }
    };
  },
};

function emitDevice(files: HostFiles, emit: Emit, device: string): void {
  const folder = `class/infiniband/${device}`;
  const [boardId, hcaType] = [files.sys(`${folder}/board_id`) ?? "", files.sys(`${folder}/hca_type`) ?? ""];
  const firmware = attribute(files, `${folder}/fw_ver`);
  emit(info, ["board_id", boardId, "device", device, "firmware_version", firmware, "hca_type", hcaType], 1);
  for (const port of files.sysNames(`${folder}/ports`)) emitPort(files, emit, device, port);
}

function emitPort(files: HostFiles, emit: Emit, device: string, port: string): void {
  const folder = `class/infiniband/${device}/ports/${port}`;
  const labels = ["device", device, "port", port];
  // `4: ACTIVE`, `100 Gb/sec (4X EDR)`
  const leading = (name: string) => Number.parseFloat(attribute(files, `${folder}/${name}`));
  emit(stateId, labels, leading("state"));
  emit(physicalStateId, labels, leading("phys_state"));
  emit(rate, labels, Math.trunc(leading("rate") * 125_000_000));
  // Only of these drivers upstream reads the folder.
  const hasHardwareCounters = /^(irdma|mlx5_)/.test(device);
  for (const [file, family] of counters) {
    if (file.startsWith("hw_counters/") && !hasHardwareCounters) continue;
    const value = count(files, folder, file);
    if (value !== undefined) emit(family, labels, value);
  }
  const milliseconds = hasHardwareCounters ? count(files, folder, "hw_counters/lifespan") : undefined;
  if (milliseconds !== undefined) emit(lifespan, labels, Math.trunc(milliseconds / 1000));
}

/** Undefined where the port has no such counter, or says `N/A (no PMA)`. */
function count(files: HostFiles, folder: string, file: string): number | undefined {
  const text = files.sys(`${folder}/${file}`) ?? "";
  if (!/^[0-9]+$/.test(text)) return undefined;
  return perLane.test(file) ? Number(BigInt.asUintN(64, BigInt(text) * 4n)) : Number(text);
}
