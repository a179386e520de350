import { type NetStatistic, parseNetSnmp, parseNetSnmp6 } from "../../../formats/procfs/net-snmp.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, untyped } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { ifThere } from "../missing.ts";

export const netstat: CollectorSpec = {
  name: "netstat",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const { protocol, name, value } of readStatistics(files)) {
        const key = `${protocol}_${name}`;
        if (!options.netstat.field(key)) continue;
        emit(untyped(`node_netstat_${key}`, `Statistic ${protocol}${name}.`), noLabels, value);
      }
    };
  },
};

/** Without IPv6 there is no third file. */
function readStatistics(files: HostFiles): NetStatistic[] {
  return [
    ...parseNetSnmp(files.proc("net/netstat"), "net/netstat"),
    ...parseNetSnmp(files.proc("net/snmp"), "net/snmp"),
    ...parseNetSnmp6(ifThere(() => files.proc("net/snmp6")) ?? ""),
  ];
}
