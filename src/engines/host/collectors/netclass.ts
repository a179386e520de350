import { integer } from "../../../formats/procfs/text.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { orNoData } from "../missing.ts";

const up = gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.");
const info = gauge("node_network_info", "Non-numeric data from /sys/class/net/<iface>, value is always 1.");
const speedBytes = property(gauge, "speed_bytes");

/** The numbers of a device, by attribute of sysfs. */
const properties: readonly (readonly [attribute: string, family: Family])[] = [
  ["addr_assign_type", property(gauge, "address_assign_type")],
  ["carrier", property(gauge, "carrier")],
  ["carrier_changes", property(counter, "carrier_changes_total")],
  ["carrier_up_count", property(counter, "carrier_up_changes_total")],
  ["carrier_down_count", property(counter, "carrier_down_changes_total")],
  ["dev_id", property(gauge, "device_id")],
  ["dormant", property(gauge, "dormant")],
  ["flags", property(gauge, "flags")],
  ["ifindex", property(gauge, "iface_id")],
  ["iflink", property(gauge, "iface_link")],
  ["link_mode", property(gauge, "iface_link_mode")],
  ["mtu", property(gauge, "mtu_bytes")],
  ["name_assign_type", property(gauge, "name_assign_type")],
  ["netdev_group", property(gauge, "net_dev_group")],
  ["tx_queue_len", property(gauge, "transmit_queue_length")],
  ["type", property(gauge, "protocol_type")],
];

/** IFF_UP of <linux/if.h>. */
const flagUp = 1;
const folder = "class/net";
/** Some attributes do not exist, or cannot be asked of a device that is down. */
const unanswered = ["ENOENT", "EINVAL", "EOPNOTSUPP", "ENOTSUP", "EACCES"];

export const netclass: CollectorSpec = {
  name: "netclass",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) =>
      allOrNothing(emit, (held) => {
        const devices = orNoData("network devices", () => files.sysFolders(folder), ["ENOENT", "EACCES"]);
        for (const device of devices) {
          if (options.netclass.device(device)) emitDevice(held, files, device, options.netclass.ignoreInvalidSpeed);
        }
      });
  },
};

function emitDevice(emit: Emit, files: HostFiles, device: string, ignoreInvalidSpeed: boolean): void {
  const read = files.sysKept(`${folder}/${device}`);
  const text = (attribute: string) => read(attribute, unanswered);
  const number = (attribute: string) => {
    const found = text(attribute);
    // Upstream takes what is no number for 0.
    return found === undefined ? undefined : (integer(found) ?? 0);
  };
  const labels = ["device", device];
  const operstate = text("operstate") ?? "";
  emit(up, labels, operstate === "up" ? 1 : 0);
  const infoLabels = {
    address: text("address") ?? "",
    adminstate: adminState(number("flags")),
    broadcast: text("broadcast") ?? "",
    device,
    duplex: text("duplex") ?? "",
    ifalias: text("ifalias") ?? "",
    operstate,
  };
  emit(info, Object.entries(infoLabels).flat(), 1);
  for (const [attribute, family] of properties) {
    const value = number(attribute);
    if (value !== undefined) emit(family, labels, value);
  }
  const megabits = number("speed");
  // A device that does not know its speed says -1.
  if (megabits === undefined || (megabits < 0 && ignoreInvalidSpeed)) return;
  emit(speedBytes, labels, Math.trunc((megabits * 1000 * 1000) / 8));
}

function adminState(flags: number | undefined): string {
  if (flags === undefined) return "unknown";
  return (flags & flagUp) === 0 ? "down" : "up";
}

function property(kind: (name: string, help: string) => Family, name: string): Family {
  return kind(`node_network_${name}`, `Network device property: ${name}`);
}
