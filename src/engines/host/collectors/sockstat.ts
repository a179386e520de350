import { parseSockstat, type SockStat } from "../../../formats/procfs/sockstat.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Emit, gauge } from "../collector.ts";
import { ifThere } from "../missing.ts";

const used = gauge("node_sockstat_sockets_used", "Number of IPv4 sockets in use.");

export const sockstat: CollectorSpec = {
  name: "sockstat",
  enabledByDefault: true,

  create({ files, pageSize }) {
    const bytesOfPage = pageSize();
    return (emit) => {
      for (const file of ["net/sockstat", "net/sockstat6"]) {
        // Without IPv6, or without IPv4, one of them is not there.
        const text = ifThere(() => files.proc(file)) ?? "";
        for (const stat of parseSockstat(text, file)) emitStat(emit, stat, bytesOfPage);
      }
    };
  },
};

function emitStat(emit: Emit, { protocol, counts }: SockStat, bytesOfPage: number): void {
  for (const [name, count] of counts) {
    emit(protocol === "sockets" ? used : familyOf(protocol, name), noLabels, count);
    if (name === "mem") emit(familyOf(protocol, "mem_bytes"), noLabels, count * bytesOfPage);
  }
}

function familyOf(protocol: string, state: string) {
  return gauge(`node_sockstat_${protocol}_${state}`, `Number of ${protocol} sockets in state ${state}.`);
}
