import { parseBcacheNumber, parsePriorityStats, parseWritebackRate } from "../../../formats/procfs/bcache.ts";
import type { Labels } from "../../../signals/labels.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import { attribute, sysfsFile } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";

/** Each file, and the family that it is. */
type Files = readonly (readonly [file: string, family: Family, factor?: number])[];

const ofSet: Files = [
  ["average_key_size", gauge("node_bcache_average_key_size_sectors", "Average data per key in the btree (sectors).")],
  [
    "btree_cache_size",
    gauge("node_bcache_btree_cache_size_bytes", "Amount of memory currently used by the btree cache."),
  ],
  [
    "cache_available_percent",
    gauge(
      "node_bcache_cache_available_percent",
      "Percentage of cache device without dirty data, usable for writeback (may contain clean cached data).",
    ),
  ],
  ["congested", gauge("node_bcache_congested", "Congestion.")],
  [
    "root_usage_percent",
    gauge(
      "node_bcache_root_usage_percent",
      "Percentage of the root btree node in use (tree depth increases if too high).",
    ),
  ],
  ["tree_depth", gauge("node_bcache_tree_depth", "Depth of the btree.")],
  [
    "internal/active_journal_entries",
    gauge("node_bcache_active_journal_entries", "Number of journal entries that are newer than the index."),
  ],
  ["internal/btree_nodes", gauge("node_bcache_btree_nodes", "Total nodes in the btree.")],
  [
    // Microseconds by its name; upstream takes them for nanoseconds.
    "internal/btree_read_average_duration_us",
    gauge("node_bcache_btree_read_average_duration_seconds", "Average btree read duration."),
    1e-9,
  ],
  [
    "internal/cache_read_races",
    counter(
      "node_bcache_cache_read_races_total",
      "Counts instances where while data was being read from the cache, the bucket was reused and invalidated - i.e. where the pointer was stale after the read completed.",
    ),
  ],
];

const readaheads = "stats_total/cache_readaheads";

const ofBackingDevice: Files = [
  ["dirty_data", gauge("node_bcache_dirty_data_bytes", "Amount of dirty data for this backing device in the cache.")],
  [
    "stats_total/bypassed",
    counter("node_bcache_bypassed_bytes_total", "Amount of IO (both reads and writes) that has bypassed the cache."),
  ],
  [
    "stats_total/cache_hits",
    counter("node_bcache_cache_hits_total", "Hits counted per individual IO as bcache sees them."),
  ],
  [
    "stats_total/cache_misses",
    counter("node_bcache_cache_misses_total", "Misses counted per individual IO as bcache sees them."),
  ],
  [
    "stats_total/cache_bypass_hits",
    counter("node_bcache_cache_bypass_hits_total", "Hits for IO intended to skip the cache."),
  ],
  [
    "stats_total/cache_bypass_misses",
    counter("node_bcache_cache_bypass_misses_total", "Misses for IO intended to skip the cache."),
  ],
  [
    "stats_total/cache_miss_collisions",
    counter(
      "node_bcache_cache_miss_collisions_total",
      "Instances where data insertion from cache miss raced with write (data already present).",
    ),
  ],
  [readaheads, counter("node_bcache_cache_readaheads_total", "Count of times readahead occurred.")],
];

/** Lines of writeback_rate_debug. */
const writeback: Files = [
  [
    "target",
    gauge("node_bcache_dirty_target_bytes", "Current dirty data target threshold for this backing device in bytes."),
  ],
  ["rate", gauge("node_bcache_writeback_rate", "Current writeback rate for this backing device in bytes.")],
  [
    "proportional",
    gauge(
      "node_bcache_writeback_rate_proportional_term",
      "Current result of proportional controller, part of writeback rate",
    ),
  ],
  [
    "integral",
    gauge("node_bcache_writeback_rate_integral_term", "Current result of integral controller, part of writeback rate"),
  ],
  ["change", gauge("node_bcache_writeback_change", "Last writeback rate change step for this backing device.")],
];

const ofCache: Files = [
  ["io_errors", gauge("node_bcache_io_errors", "Number of errors that have occurred, decayed by io_error_halflife.")],
  [
    "metadata_written",
    counter(
      "node_bcache_metadata_written_bytes_total",
      "Sum of all non data writes (btree writes and all other metadata).",
    ),
  ],
  ["written", counter("node_bcache_written_bytes_total", "Sum of all data that has been written to the cache.")],
];

const unusedPercent = gauge(
  "node_bcache_priority_stats_unused_percent",
  "The percentage of the cache that doesn't contain any data.",
);
const metadataPercent = gauge("node_bcache_priority_stats_metadata_percent", "Bcache's metadata overhead.");

export const bcache: CollectorSpec = {
  name: "bcache",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const uuid of files.sysNames("fs/bcache").filter((name) => name.includes("-"))) {
        emitSet(files, emit, uuid, options.bcache.priorityStats);
      }
    };
  },
};

function emitSet(files: HostFiles, emit: Emit, uuid: string, hasPriorityStats: boolean): void {
  const folder = `fs/bcache/${uuid}`;
  emitFiles(files, emit, folder, ofSet, ["uuid", uuid]);
  for (const name of files.sysNames(folder)) {
    if (/^bdev[0-9]/.test(name)) {
      emitBackingDevice(files, emit, `${folder}/${name}`, ["backing_device", name, "uuid", uuid]);
    }
    if (/^cache[0-9]/.test(name)) {
      const labels = ["cache_device", name, "uuid", uuid];
      emitFiles(files, emit, `${folder}/${name}`, ofCache, labels);
      // Reading it makes the kernel sort all buckets.
      if (hasPriorityStats) emitPriorityStats(emit, sysfsFile(files, `${folder}/${name}/priority_stats`) ?? "", labels);
    }
  }
}

function emitFiles(files: HostFiles, emit: Emit, folder: string, which: Files, labels: Labels): void {
  for (const [file, family, factor = 1] of which) {
    // Kernels since 5.13 have none of it.
    const text = file === readaheads ? (files.sys(`${folder}/${file}`) ?? "0") : attribute(files, `${folder}/${file}`);
    const value = parseBcacheNumber(text) * factor;
    if (file !== readaheads || value !== 0) emit(family, labels, value);
  }
}

function emitBackingDevice(files: HostFiles, emit: Emit, folder: string, labels: Labels): void {
  emitFiles(files, emit, folder, ofBackingDevice, labels);
  const rates = parseWritebackRate(sysfsFile(files, `${folder}/writeback_rate_debug`) ?? "");
  for (const [line, family] of writeback) emit(family, labels, rates.get(line) ?? 0);
}

function emitPriorityStats(emit: Emit, text: string, labels: Labels): void {
  const { unused, metadata } = parsePriorityStats(text);
  emit(unusedPercent, labels, unused);
  emit(metadataPercent, labels, metadata);
}
