import { basename, dirname } from "node:path";
import { type PciNames, parsePciIds } from "../../../formats/procfs/pci-ids.ts";
import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import { attributeNumber, classNames, sysfsLink } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";
import type { HostOptions } from "../options.ts";

const info = gauge("node_pcidevice_info", "Non-numeric data from /sys/bus/pci/devices/<location>, value is always 1.");
const powerState = gauge(
  "node_pcidevice_power_state",
  "PCIe device power state, one of: D0, D1, D2, D3hot, D3cold, unknown or error.",
);
const numaNode = gauge(
  "node_pcidevice_numa_node",
  "NUMA node number for the PCI device. -1 indicates unknown or not available.",
);

/** `16.0 GT/s PCIe`, `16`, `Unknown`: -1 if it is no number. */
const links = [
  ["max_link_speed", "max_link_transfers_per_second", "Value of maximum link's transfers per second (T/s)", 1e9],
  ["max_link_width", "max_link_width", "Value of maximum link's width (number of lanes)", 1],
  [
    "current_link_speed",
    "current_link_transfers_per_second",
    "Value of current link's transfers per second (T/s)",
    1e9,
  ],
  ["current_link_width", "current_link_width", "Value of current link's width (number of lanes)", 1],
] as const;

/** 0 where the device has no such attribute. */
const switches = [
  ["d3cold_allowed", "Whether the PCIe device supports D3cold power state (0/1)."],
  ["sriov_drivers_autoprobe", "Whether SR-IOV drivers autoprobe is enabled for the device (0/1)."],
] as const;
const numbers = [
  ["sriov_numvfs", "Number of Virtual Functions (VFs) currently enabled for SR-IOV."],
  ["sriov_totalvfs", "Total number of Virtual Functions (VFs) supported by the device."],
  ["sriov_vf_total_msix", "Total number of MSI-X vectors for Virtual Functions."],
] as const;

const powerStates = ["D0", "D1", "D2", "D3hot", "D3cold", "unknown", "error"];

/** Where distributions put the database. */
const idsFiles = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

export const pcidevice: CollectorSpec = {
  name: "pcidevice",
  enabledByDefault: false,

  create({ files }, options) {
    let names: PciNames | undefined;
    return (emit) => {
      if (options.pcidevice.names) names ??= readNames(files, options.pcidevice);
      for (const location of classNames(files, "bus/pci/devices")) emitDevice(files, emit, location, names);
    };
  },
};

function readNames(files: HostFiles, { idsFile }: HostOptions["pcidevice"]): PciNames {
  for (const path of idsFile === undefined ? idsFiles : [idsFile]) {
    const text = files.text(path);
    if (text !== undefined) return parsePciIds(text);
  }
  return parsePciIds("");
}

function emitDevice(files: HostFiles, emit: Emit, location: string, names: PciNames | undefined): void {
  const folder = `bus/pci/devices/${location}`;
  const place = locationLabels(location, "");
  emit(info, infoLabels(files, folder, location, names), 1);
  const text = (name: string) => files.sys(`${folder}/${name}`) ?? "";
  for (const [file, name, help, factor] of links) {
    const value = /^[0-9.]+(?=$| GT\/s)/.exec(text(file))?.[0];
    emit(gauge(`node_pcidevice_${name}`, help), place, value === undefined ? -1 : Number(value) * factor);
  }
  for (const [name, help] of switches) {
    emit(gauge(`node_pcidevice_${name}`, help), place, Number(text(name) || 0) === 0 ? 0 : 1);
  }
  for (const [name, help] of numbers) emit(gauge(`node_pcidevice_${name}`, help), place, Number(text(name) || 0));
  emitPowerState(emit, place, text("power_state"));
  const node = attributeNumber(files, `${folder}/numa_node`);
  if (node !== -1) emit(numaNode, place, node);
}

function emitPowerState(emit: Emit, place: readonly string[], state: string): void {
  if (state === "") return;
  for (const one of powerStates) emit(powerState, [...place, "state", one], one === state ? 1 : 0);
}

function infoLabels(files: HostFiles, folder: string, location: string, names: PciNames | undefined): string[] {
  const hex = (name: string, digits: number) =>
    attributeNumber(files, `${folder}/${name}`).toString(16).padStart(digits, "0");
  const [vendor, device] = [hex("vendor", 4), hex("device", 4)];
  const [subVendor, subDevice] = [hex("subsystem_vendor", 4), hex("subsystem_device", 4)];
  const classId = hex("class", 6);
  const labels: Record<string, string> = {
    ...Object.fromEntries(pairs(locationLabels(location, ""))),
    ...Object.fromEntries(pairs(locationLabels(parentOf(files, folder), "parent_"))),
    ...{ class_id: `0x${classId}`, vendor_id: `0x${vendor}`, device_id: `0x${device}` },
    ...{ subsystem_vendor_id: `0x${subVendor}`, subsystem_device_id: `0x${subDevice}` },
    revision: `0x${hex("revision", 2)}`,
    ...(names && {
      ...{ vendor_name: names.vendor(vendor), device_name: names.device(vendor, device) },
      subsystem_vendor_name: names.vendor(subVendor),
      subsystem_device_name: names.subsystem(vendor, device, subVendor, subDevice),
      class_name: names.classOf(classId),
    }),
  };
  return Object.keys(labels)
    .sort()
    .flatMap((name) => [name, labels[name] ?? ""]);
}

/** The bridge that it hangs on; undefined at the root. */
function parentOf(files: HostFiles, folder: string): string | undefined {
  const parent = basename(dirname(sysfsLink(files, folder)));
  return parent.startsWith("pci") ? undefined : parent;
}

/** Of `0000:0b:00.0`; of undefined stars. In order of their names. */
function locationLabels(location: string | undefined, prefix: string): string[] {
  const [segment, bus, device, functionNumber] = location?.split(/[:.]/) ?? ["*", "*", "*", "*"];
  const labels = [`${prefix}bus`, bus, `${prefix}device`, device, `${prefix}function`, functionNumber];
  return [...labels, `${prefix}segment`, segment].map((text) => text ?? "");
}

function pairs(labels: readonly string[]): [string, string][] {
  return labels.flatMap((name, at) => (at % 2 === 0 ? [[name, labels[at + 1] ?? ""] as [string, string]] : []));
}
