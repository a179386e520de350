import { parseBuddyinfo } from "../../../formats/procfs/buddyinfo.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const blockCount = gauge("node_buddyinfo_blocks", "Count of free blocks according to size.");

export const buddyinfo: CollectorSpec = {
  name: "buddyinfo",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const { node, zone, blocks } of parseBuddyinfo(files.proc("buddyinfo"))) {
        for (const [order, count] of blocks.entries()) {
          emit(blockCount, ["node", node, "size", String(order), "zone", zone], count);
        }
      }
    };
  },
};
