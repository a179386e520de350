import { nfs2, nfs3, nfs4Server, parseRpcStats, procedureCounts } from "../../../formats/procfs/rpc-nfs.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import { orNoData } from "../missing.ts";

/** The numbers without labels: in which line, and where in it. */
const numbers: readonly (readonly [line: string, at: number, family: Family])[] = [
  [
    "rc",
    0,
    counter("node_nfsd_reply_cache_hits_total", "Total number of NFSd Reply Cache hits (client lost server response)."),
  ],
  [
    "rc",
    1,
    counter(
      "node_nfsd_reply_cache_misses_total",
      "Total number of NFSd Reply Cache an operation that requires caching (idempotent).",
    ),
  ],
  [
    "rc",
    2,
    counter(
      "node_nfsd_reply_cache_nocache_total",
      "Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).",
    ),
  ],
  ["fh", 0, counter("node_nfsd_file_handles_stale_total", "Total number of NFSd stale file handles")],
  ["io", 0, counter("node_nfsd_disk_bytes_read_total", "Total NFSd bytes read.")],
  ["io", 1, counter("node_nfsd_disk_bytes_written_total", "Total NFSd bytes written.")],
  ["th", 0, gauge("node_nfsd_server_threads", "Total number of NFSd kernel threads that are running.")],
  ["ra", 0, gauge("node_nfsd_read_ahead_cache_size_blocks", "How large the read ahead cache is in blocks.")],
  ["ra", 11, counter("node_nfsd_read_ahead_cache_not_found_total", "Total number of NFSd read ahead cache not found.")],
  ["net", 3, counter("node_nfsd_connections_total", "Total number of NFSd TCP connections.")],
  ["rpc", 0, counter("node_nfsd_server_rpcs_total", "Total number of NFSd RPCs.")],
];
const packets = counter("node_nfsd_packets_total", "Total NFSd network packets (sent+received) by protocol type.");
const rpcErrors = counter("node_nfsd_rpc_errors_total", "Total number of NFSd RPC errors by error type.");
const requests = counter("node_nfsd_requests_total", "Total number NFSd Requests by method and protocol.");

/** What is counted but not shown: they do nothing, or are not of the protocol. */
const unshown = new Set("Null Op0Unused Op1Unused Op2Future PutPubFH PutRootFH".split(" "));

const file = "net/rpc/nfsd";
const least = { rc: 3, fh: 5, io: 2, th: 2, ra: 12, net: 4, rpc: 5, proc2: 19, proc3: 23, proc4ops: 40 };

export const nfsd: CollectorSpec = {
  name: "nfsd",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const text = orNoData("NFS server", () => files.proc(file));
      const stats = parseRpcStats(text, file, { ...least, wdeleg_getattr: 1 });
      const number = (line: string, at: number) => stats.get(line)?.[at] ?? 0;
      for (const [line, at, family] of numbers) emit(family, noLabels, number(line, at));
      emit(packets, ["proto", "udp"], number("net", 1));
      emit(packets, ["proto", "tcp"], number("net", 2));
      emit(rpcErrors, ["error", "fmt"], number("rpc", 2));
      emit(rpcErrors, ["error", "auth"], number("rpc", 3));
      emit(rpcErrors, ["error", "cInt"], number("rpc", 4));
      emitRequests(emit, "2", stats.get("proc2") ?? [], nfs2);
      emitRequests(emit, "3", stats.get("proc3") ?? [], nfs3);
      emitRequests(emit, "4", stats.get("proc4ops") ?? [], nfs4Server);
      emit(requests, ["method", "WdelegGetattr", "proto", "4"], number("wdeleg_getattr", 0));
    };
  },
};

function emitRequests(emit: Emit, proto: string, counts: readonly number[], methods: readonly string[]): void {
  for (const [method, count] of procedureCounts(counts, methods)) {
    if (!unshown.has(method)) emit(requests, ["method", method, "proto", proto], count);
  }
}
