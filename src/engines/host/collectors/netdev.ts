import { type NetDevice, netDevColumns, parseNetDev } from "../../../formats/procfs/net-dev.ts";
import { type CollectorSpec, counter, type Emit, type Family } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";

const families: readonly Family[] = netDevColumns.map(familyOf);
const noHandler = familyOf("receive_nohandler");

/**
 * Upstream asks the kernel by netlink and sums its detailed counters (missed into drop, length errors into frame, …);
 * /proc/net/dev has exactly these sums. Only receive_nohandler is not in it.
 */
export const netdev: CollectorSpec = {
  name: "netdev",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const device of parseNetDev(files.proc("net/dev"))) {
        if (options.netdev.device(device.name)) emitDevice(files, emit, device);
      }
    };
  },
};

function emitDevice(files: HostFiles, emit: Emit, { name, counters }: NetDevice): void {
  const labels = ["device", name];
  for (let at = 0; at < families.length; at++) emit(families[at]!, labels, counters[at]!);
  const dropped = files.sys(`class/net/${name}/statistics/rx_nohandler`);
  if (dropped !== undefined && /^[0-9]+$/.test(dropped)) emit(noHandler, labels, Number(dropped));
}

function familyOf(statistic: string): Family {
  return counter(`node_network_${statistic}_total`, `Network device statistic ${statistic}.`);
}
