import { parseXfsStats } from "../../../formats/procfs/xfs-stat.ts";
import { allOrNothing } from "../all-or-nothing.ts";
import { type CollectorSpec, counter, type Emit, type Family } from "../collector.ts";

/** The lines of the file (fs/xfs/xfs_stats.h), and the metrics of their numbers. */
const lines: readonly (readonly [line: string, families: readonly Family[]])[] = [
  [
    "extent_alloc",
    [
      family("extent_allocation_extents_allocated_total", "Number of extents allocated for a filesystem."),
      family("extent_allocation_blocks_allocated_total", "Number of blocks allocated for a filesystem."),
      family("extent_allocation_extents_freed_total", "Number of extents freed for a filesystem."),
      family("extent_allocation_blocks_freed_total", "Number of blocks freed for a filesystem."),
    ],
  ],
  [
    "abt",
    [
      family("allocation_btree_lookups_total", "Number of allocation B-tree lookups for a filesystem."),
      family("allocation_btree_compares_total", "Number of allocation B-tree compares for a filesystem."),
      family(
        "allocation_btree_records_inserted_total",
        "Number of allocation B-tree records inserted for a filesystem.",
      ),
      family("allocation_btree_records_deleted_total", "Number of allocation B-tree records deleted for a filesystem."),
    ],
  ],
  [
    "blk_map",
    [
      family("block_mapping_reads_total", "Number of block map for read operations for a filesystem."),
      family("block_mapping_writes_total", "Number of block map for write operations for a filesystem."),
      family("block_mapping_unmaps_total", "Number of block unmaps (deletes) for a filesystem."),
      family("block_mapping_extent_list_insertions_total", "Number of extent list insertions for a filesystem."),
      family("block_mapping_extent_list_deletions_total", "Number of extent list deletions for a filesystem."),
      family("block_mapping_extent_list_lookups_total", "Number of extent list lookups for a filesystem."),
      family("block_mapping_extent_list_compares_total", "Number of extent list compares for a filesystem."),
    ],
  ],
  [
    "bmbt",
    [
      family("block_map_btree_lookups_total", "Number of block map B-tree lookups for a filesystem."),
      family("block_map_btree_compares_total", "Number of block map B-tree compares for a filesystem."),
      family("block_map_btree_records_inserted_total", "Number of block map B-tree records inserted for a filesystem."),
      family("block_map_btree_records_deleted_total", "Number of block map B-tree records deleted for a filesystem."),
    ],
  ],
  [
    "dir",
    [
      family(
        "directory_operation_lookup_total",
        "Number of file name directory lookups which miss the operating systems directory name lookup cache.",
      ),
      family("directory_operation_create_total", "Number of times a new directory entry was created for a filesystem."),
      family(
        "directory_operation_remove_total",
        "Number of times an existing directory entry was created for a filesystem.",
      ),
      family(
        "directory_operation_getdents_total",
        "Number of times the directory getdents operation was performed for a filesystem.",
      ),
    ],
  ],
  [
    "ig",
    [
      family("inode_operation_attempts_total", "Number of times the OS looked for an XFS inode in the inode cache."),
      family(
        "inode_operation_found_total",
        "Number of times the OS looked for and found an XFS inode in the inode cache.",
      ),
      family(
        "inode_operation_recycled_total",
        "Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.",
      ),
      family(
        "inode_operation_missed_total",
        "Number of times the OS looked for an XFS inode in the cache, but did not find it.",
      ),
      family(
        "inode_operation_duplicates_total",
        "Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been added by another process.",
      ),
      family(
        "inode_operation_reclaims_total",
        "Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.",
      ),
      family(
        "inode_operation_attribute_changes_total",
        "Number of times the OS explicitly changed the attributes of an XFS inode.",
      ),
    ],
  ],
  [
    "rw",
    [
      family("write_calls_total", "Number of write(2) system calls made to files in a filesystem."),
      family("read_calls_total", "Number of read(2) system calls made to files in a filesystem."),
    ],
  ],
  [
    "vnodes",
    [
      family("vnode_active_total", "Number of vnodes not on free lists for a filesystem."),
      family("vnode_allocate_total", "Number of times vn_alloc called for a filesystem."),
      family("vnode_get_total", "Number of times vn_get called for a filesystem."),
      family("vnode_hold_total", "Number of times vn_hold called for a filesystem."),
      family("vnode_release_total", "Number of times vn_rele called for a filesystem."),
      family("vnode_reclaim_total", "Number of times vn_reclaim called for a filesystem."),
      family("vnode_remove_total", "Number of times vn_remove called for a filesystem."),
    ],
  ],
];

const folder = "fs/xfs";

export const xfs: CollectorSpec = {
  name: "xfs",
  enabledByDefault: true,

  create({ files }) {
    return (emit) =>
      allOrNothing(emit, (held) => {
        for (const device of files.sysNames(folder)) {
          const path = `${folder}/${device}/stats/stats`;
          if (files.hasSys(path)) emitDevice(held, device, parseXfsStats(files.sysOnce(path)));
        }
      });
  },
};

function emitDevice(emit: Emit, device: string, stats: ReadonlyMap<string, readonly number[]>): void {
  for (const [line, families] of lines) {
    const counts = stats.get(line);
    for (const [at, one] of families.entries()) emit(one, ["device", device], counts?.[at] ?? 0);
  }
}

function family(name: string, help: string): Family {
  return counter(`node_xfs_${name}`, help);
}
