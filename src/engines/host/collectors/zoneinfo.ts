import { parseZoneinfo } from "../../../formats/procfs/zoneinfo.ts";
import { type CollectorSpec, counter, type Family, gauge } from "../collector.ts";

/** The fields that node_exporter knows; the kernel has more. */
const families: readonly (readonly [field: string, family: Family])[] = [
  ["nr_free_pages", gauge("node_zoneinfo_nr_free_pages", "Total number of free pages in the zone")],
  ["min", gauge("node_zoneinfo_min_pages", "Zone watermark pages_min")],
  ["low", gauge("node_zoneinfo_low_pages", "Zone watermark pages_low")],
  ["high", gauge("node_zoneinfo_high_pages", "Zone watermark pages_high")],
  ["scanned", gauge("node_zoneinfo_scanned_pages", "Pages scanned since last reclaim")],
  ["spanned", gauge("node_zoneinfo_spanned_pages", "Total pages spanned by the zone, including holes")],
  ["present", gauge("node_zoneinfo_present_pages", "Physical pages existing within the zone")],
  ["managed", gauge("node_zoneinfo_managed_pages", "Present pages managed by the buddy system")],
  ["nr_active_anon", gauge("node_zoneinfo_nr_active_anon_pages", "Number of anonymous pages recently more used")],
  ["nr_inactive_anon", gauge("node_zoneinfo_nr_inactive_anon_pages", "Number of anonymous pages recently less used")],
  ["nr_isolated_anon", gauge("node_zoneinfo_nr_isolated_anon_pages", "Temporary isolated pages from anon lru")],
  ["nr_anon_pages", gauge("node_zoneinfo_nr_anon_pages", "Number of anonymous pages currently used by the system")],
  [
    "nr_anon_transparent_hugepages",
    gauge(
      "node_zoneinfo_nr_anon_transparent_hugepages",
      "Number of anonymous transparent huge pages currently used by the system",
    ),
  ],
  ["nr_active_file", gauge("node_zoneinfo_nr_active_file_pages", "Number of active pages with file-backing")],
  ["nr_inactive_file", gauge("node_zoneinfo_nr_inactive_file_pages", "Number of inactive pages with file-backing")],
  ["nr_isolated_file", gauge("node_zoneinfo_nr_isolated_file_pages", "Temporary isolated pages from file lru")],
  ["nr_file_pages", gauge("node_zoneinfo_nr_file_pages", "Number of file pages")],
  ["nr_slab_reclaimable", gauge("node_zoneinfo_nr_slab_reclaimable_pages", "Number of reclaimable slab pages")],
  ["nr_slab_unreclaimable", gauge("node_zoneinfo_nr_slab_unreclaimable_pages", "Number of unreclaimable slab pages")],
  ["nr_mlock_stack", gauge("node_zoneinfo_nr_mlock_stack_pages", "mlock()ed pages found and moved off LRU")],
  ["nr_kernel_stack", gauge("node_zoneinfo_nr_kernel_stacks", "Number of kernel stacks")],
  ["nr_mapped", gauge("node_zoneinfo_nr_mapped_pages", "Number of mapped pages")],
  ["nr_dirty", gauge("node_zoneinfo_nr_dirty_pages", "Number of dirty pages")],
  ["nr_writeback", gauge("node_zoneinfo_nr_writeback_pages", "Number of writeback pages")],
  ["nr_unevictable", gauge("node_zoneinfo_nr_unevictable_pages", "Number of unevictable pages")],
  ["nr_shmem", gauge("node_zoneinfo_nr_shmem_pages", "Number of shmem pages (included tmpfs/GEM pages)")],
  ["nr_dirtied", counter("node_zoneinfo_nr_dirtied_total", "Page dirtyings since bootup")],
  ["nr_written", counter("node_zoneinfo_nr_written_total", "Page writings since bootup")],
  ["numa_hit", counter("node_zoneinfo_numa_hit_total", "Allocated in intended node")],
  ["numa_miss", counter("node_zoneinfo_numa_miss_total", "Allocated in non intended node")],
  ["numa_foreign", counter("node_zoneinfo_numa_foreign_total", "Was intended here, hit elsewhere")],
  ["numa_interleave", counter("node_zoneinfo_numa_interleave_total", "Interleaver preferred this zone")],
  ["numa_local", counter("node_zoneinfo_numa_local_total", "Allocation from local node")],
  ["numa_other", counter("node_zoneinfo_numa_other_total", "Allocation from other node")],
];

export const zoneinfo: CollectorSpec = {
  name: "zoneinfo",
  enabledByDefault: false,

  create({ files }) {
    return (emit) => {
      for (const { node, zone, fields, protection } of parseZoneinfo(files.proc("zoneinfo"))) {
        const labels = ["node", node, "zone", zone];
        for (const [field, family] of families) {
          const text = fields.get(field);
          if (text !== undefined && /^-?[0-9]+$/.test(text)) emit(family, labels, Number(text));
        }
        for (const [index, pages] of protection.entries()) {
          emit(gauge(`node_zoneinfo_protection_${index}`, `Protection array ${index}. field`), labels, Number(pages));
        }
      }
    };
  },
};
