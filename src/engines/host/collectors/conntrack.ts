import { type ConntrackStat, parseConntrackStat } from "../../../formats/procfs/conntrack.ts";
import { unsigned } from "../../../formats/procfs/text.ts";
import { noLabels } from "../../../signals/labels.ts";
import { type CollectorSpec, type Family, gauge } from "../collector.ts";
import { orNoData } from "../missing.ts";

const entries = gauge(
  "node_nf_conntrack_entries",
  "Number of currently allocated flow entries for connection tracking.",
);
const limit = gauge("node_nf_conntrack_entries_limit", "Maximum size of connection tracking table.");

/** Counters that upstream calls gauges. */
const statistics: readonly (readonly [statistic: keyof ConntrackStat, family: Family])[] = [
  ["found", gauge("node_nf_conntrack_stat_found", "Number of searched entries which were successful.")],
  ["invalid", gauge("node_nf_conntrack_stat_invalid", "Number of packets seen which can not be tracked.")],
  [
    "ignore",
    gauge("node_nf_conntrack_stat_ignore", "Number of packets seen which are already connected to a conntrack entry."),
  ],
  ["insert", gauge("node_nf_conntrack_stat_insert", "Number of entries inserted into the list.")],
  [
    "insertFailed",
    gauge(
      "node_nf_conntrack_stat_insert_failed",
      "Number of entries for which list insertion was attempted but failed.",
    ),
  ],
  ["drop", gauge("node_nf_conntrack_stat_drop", "Number of packets dropped due to conntrack failure.")],
  [
    "earlyDrop",
    gauge(
      "node_nf_conntrack_stat_early_drop",
      "Number of dropped conntrack entries to make room for new ones, if maximum table size was reached.",
    ),
  ],
  [
    "searchRestart",
    gauge(
      "node_nf_conntrack_stat_search_restart",
      "Number of conntrack table lookups which had to be restarted due to hashtable resizes.",
    ),
  ],
];

export const conntrack: CollectorSpec = {
  name: "conntrack",
  enabledByDefault: true,

  create({ files }) {
    const read = (name: string) => orNoData("connection tracking", () => files.proc(name));
    const readCount = (name: string) => {
      const text = read(name).trim();
      return unsigned(text, name, text);
    };
    return (emit) => {
      emit(entries, noLabels, readCount("sys/net/netfilter/nf_conntrack_count"));
      emit(limit, noLabels, readCount("sys/net/netfilter/nf_conntrack_max"));
      const sums = parseConntrackStat(read("net/stat/nf_conntrack"));
      for (const [statistic, family] of statistics) emit(family, noLabels, sums[statistic]);
    };
  },
};
