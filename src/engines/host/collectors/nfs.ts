import { nfs2, nfs3, nfs4Client, parseRpcStats, procedureCounts } from "../../../formats/procfs/rpc-nfs.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter } from "../collector.ts";
import { orNoData } from "../missing.ts";

const packets = counter("node_nfs_packets_total", "Total NFSd network packets (sent+received) by protocol type.");
const connections = counter("node_nfs_connections_total", "Total number of NFSd TCP connections.");
const rpcs = counter("node_nfs_rpcs_total", "Total number of RPCs performed.");
const retransmissions = counter("node_nfs_rpc_retransmissions_total", "Number of RPC transmissions performed.");
const authRefreshes = counter(
  "node_nfs_rpc_authentication_refreshes_total",
  "Number of RPC authentication refreshes performed.",
);
const requests = counter("node_nfs_requests_total", "Number of NFS procedures invoked.");

const file = "net/rpc/nfs";

export const nfs: CollectorSpec = {
  name: "nfs",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const text = orNoData("NFS client", () => files.proc(file));
      const stats = parseRpcStats(text, file, { net: 4, rpc: 3, proc2: 19, proc3: 23, proc4: 1 });
      const [, udp = 0, tcp = 0, tcpConnections = 0] = stats.get("net") ?? [];
      emit(packets, ["protocol", "udp"], udp);
      emit(packets, ["protocol", "tcp"], tcp);
      emit(connections, noLabels, tcpConnections);
      const [calls = 0, resent = 0, refreshed = 0] = stats.get("rpc") ?? [];
      emit(rpcs, noLabels, calls);
      emit(retransmissions, noLabels, resent);
      emit(authRefreshes, noLabels, refreshed);
      for (const [proto, procedures] of [
        ["2", nfs2],
        ["3", nfs3],
        ["4", nfs4Client],
      ] as const) {
        for (const [method, count] of procedureCounts(stats.get(`proc${proto}`) ?? [], procedures)) {
          emit(requests, ["method", method, "proto", proto], count);
        }
      }
    };
  },
};
