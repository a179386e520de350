import { netDevColumns, parseNetDev } from "../../../formats/procfs/net-dev.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge, type Host } from "../collector.ts";
import type { HostFiles, ReadAttribute } from "../host-files.ts";
import type { HostOptions } from "../options.ts";

const addressInfo = gauge("node_network_address_info", "node network address by device");
const families: readonly Family[] = netDevColumns.map(familyOf);
const noHandler = familyOf("receive_nohandler");

const folder = "class/net";

/**
 * Upstream asks the kernel by netlink and sums its detailed counters (missed into drop, length errors into frame, …);
 * /proc/net/dev has exactly these sums. Only receive_nohandler is not in it.
 */
export const netdev: CollectorSpec = {
  name: "netdev",
  enabledByDefault: true,

  create(host, { netdev: options }) {
    return (emit) => {
      if (options.detailedMetrics) emitDetails(emit, host.files, options);
      else emitSums(emit, host.files, options);
      if (options.addressInfo) emitAddresses(emit, host, options);
    };
  },
};

type Options = HostOptions["netdev"];

function emitSums(emit: Emit, files: HostFiles, options: Options): void {
  for (const { name, counters } of parseNetDev(files.proc("net/dev"))) {
    if (!options.device(name)) continue;
    const labels = labelsOf(files, name, options);
    for (let at = 0; at < families.length; at++) emit(families[at]!, labels, counters[at]!);
    emitStatistic(emit, files.sysKept(`${folder}/${name}`), noHandler, labels, "rx_nohandler");
  }
}

/** `rx_length_errors` is receive_length_errors. */
function emitDetails(emit: Emit, files: HostFiles, options: Options): void {
  for (const device of files.sysFolders(folder)) {
    if (!options.device(device)) continue;
    const labels = labelsOf(files, device, options);
    const read = files.sysKept(`${folder}/${device}`);
    for (const file of files.sysNames(`${folder}/${device}/statistics`)) {
      const family = familyOf(file.replace(/^rx_/, "receive_").replace(/^tx_/, "transmit_"));
      emitStatistic(emit, read, family, labels, file);
    }
  }
}

function emitStatistic(emit: Emit, read: ReadAttribute, family: Family, labels: readonly string[], name: string): void {
  const count = read(`statistics/${name}`, ["ENOENT", "EINVAL", "EACCES"]);
  if (count !== undefined && /^[0-9]+$/.test(count)) emit(family, labels, Number(count));
}

function labelsOf(files: HostFiles, device: string, { labelIfalias }: Options): readonly string[] {
  if (!labelIfalias) return ["device", device];
  return ["device", device, "ifalias", files.sys(`${folder}/${device}/ifalias`) ?? ""];
}

/** Of the agent's own network namespace, as upstream has it. */
function emitAddresses(emit: Emit, { networkInterfaces }: Host, { device: isChosen }: Options): void {
  for (const [device, addresses = []] of Object.entries(networkInterfaces())) {
    if (!isChosen(device)) continue;
    for (const { address, cidr, internal } of addresses) {
      const netmask = cidr?.split("/")[1] ?? "";
      const scope = internal || /^(fe[89ab]|169\.254\.)/i.test(address) ? "link-local" : "global";
      emit(addressInfo, ["address", address, "device", device, "netmask", netmask, "scope", scope], 1);
    }
  }
}

function familyOf(statistic: string): Family {
  return counter(`node_network_${statistic}_total`, `Network device statistic ${statistic}.`);
}
