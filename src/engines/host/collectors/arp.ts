import { parseArpEntries } from "../../../formats/procfs/arp.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const entries = gauge("node_arp_entries", "ARP entries by device");

/** Upstream asks by netlink; the file has the same entries, but for those of devices that do no ARP. */
export const arp: CollectorSpec = {
  name: "arp",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const [device, count] of parseArpEntries(files.proc("net/arp"))) {
        if (options.arp.device(device)) emit(entries, ["device", device], count);
      }
    };
  },
};
