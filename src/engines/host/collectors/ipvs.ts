import { type IpvsBackend, parseIpvs, parseIpvsStats } from "../../../formats/procfs/ip-vs.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, gauge } from "../collector.ts";
import { orNoData } from "../missing.ts";
import type { IpvsLabel } from "../options.ts";

const connections = counter("node_ipvs_connections_total", "The total number of connections made.");
const incomingPackets = counter("node_ipvs_incoming_packets_total", "The total number of incoming packets.");
const outgoingPackets = counter("node_ipvs_outgoing_packets_total", "The total number of outgoing packets.");
const incomingBytes = counter("node_ipvs_incoming_bytes_total", "The total amount of incoming data.");
const outgoingBytes = counter("node_ipvs_outgoing_bytes_total", "The total amount of outgoing data.");
const backendActive = gauge(
  "node_ipvs_backend_connections_active",
  "The current active connections by local and remote address.",
);
const backendInactive = gauge(
  "node_ipvs_backend_connections_inactive",
  "The current inactive connections by local and remote address.",
);
const backendWeight = gauge("node_ipvs_backend_weight", "The current backend weight by local and remote address.");

export const ipvs: CollectorSpec = {
  name: "ipvs",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      const stats = parseIpvsStats(orNoData("IPVS", () => files.proc("net/ip_vs_stats")));
      emit(connections, noLabels, stats.connections);
      emit(incomingPackets, noLabels, stats.incomingPackets);
      emit(outgoingPackets, noLabels, stats.outgoingPackets);
      emit(incomingBytes, noLabels, stats.incomingBytes);
      emit(outgoingBytes, noLabels, stats.outgoingBytes);
      for (const { labels, active, inactive, weight } of sums(
        parseIpvs(files.proc("net/ip_vs")),
        options.ipvs.backendLabels,
      )) {
        emit(backendActive, labels, active);
        emit(backendInactive, labels, inactive);
        emit(backendWeight, labels, weight);
      }
    };
  },
};

interface Sum {
  readonly labels: readonly string[];
  active: number;
  inactive: number;
  weight: number;
}

/** Backends that differ in no label that is shown count together. */
function sums(backends: readonly IpvsBackend[], names: readonly IpvsLabel[]): Sum[] {
  const found = new Map<string, Sum>();
  for (const backend of backends) {
    const labels = [...names].sort().flatMap((name) => [name, labelOf[name](backend)]);
    const key = labels.join("\0");
    const sum = found.get(key) ?? { labels, active: 0, inactive: 0, weight: 0 };
    sum.active += backend.active;
    sum.inactive += backend.inactive;
    sum.weight += backend.weight;
    found.set(key, sum);
  }
  return [...found.values()];
}

const labelOf: Record<IpvsLabel, (backend: IpvsBackend) => string> = {
  local_address: ({ localAddress }) => localAddress,
  local_port: ({ localPort }) => String(localPort),
  remote_address: ({ remoteAddress }) => remoteAddress,
  remote_port: ({ remotePort }) => String(remotePort),
  proto: ({ proto }) => proto,
  local_mark: ({ localMark }) => localMark,
};
