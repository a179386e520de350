import { words } from "../../../formats/procfs/text.ts";
import { type CollectorSpec, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere, orNoData } from "../missing.ts";

const slaves = gauge("node_bonding_slaves", "Number of configured slaves per bonding interface.");
const active = gauge("node_bonding_active", "Number of active slaves per bonding interface.");

const folder = "class/net";

export const bonding: CollectorSpec = {
  name: "bonding",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const masters = orNoData("bonding", () => files.sysAttribute(`${folder}/bonding_masters`));
      for (const master of words(masters)) {
        const names = words(files.sysAttribute(`${folder}/${master}/bonding/slaves`));
        const up = names.filter((slave) => miiStatus(files, master, slave) === "up");
        emit(slaves, ["master", master], names.length);
        emit(active, ["master", master], up.length);
      }
    };
  },
};

/** Kernels before 3.9 call the link to a slave by another name. */
function miiStatus(files: HostFiles, master: string, slave: string): string {
  const status = (link: string) => files.sysAttribute(`${folder}/${master}/${link}_${slave}/bonding_slave/mii_status`);
  return ifThere(() => status("lower")) ?? status("slave");
}
