import { parseSlabinfo } from "../../../formats/procfs/slabinfo.ts";
import { type CollectorSpec, gauge } from "../collector.ts";

const activeObjects = gauge(
  "node_slabinfo_active_objects",
  "The number of objects that are currently active (i.e., in use).",
);
const objects = gauge(
  "node_slabinfo_objects",
  "The total number of allocated objects (i.e., objects that are both in use and not in use).",
);
const objectSize = gauge("node_slabinfo_object_size_bytes", "The size of objects in this slab, in bytes.");
const objectsPerSlab = gauge("node_slabinfo_objects_per_slab", "The number of objects stored in each slab.");
const pagesPerSlab = gauge("node_slabinfo_pages_per_slab", "The number of pages allocated for each slab.");

/** Only root may read the file. */
export const slabinfo: CollectorSpec = {
  name: "slabinfo",
  enabledByDefault: false,

  create({ files }, options) {
    return (emit) => {
      for (const slab of parseSlabinfo(files.proc("slabinfo"))) {
        if (!options.slabinfo.slab(slab.name)) continue;
        const labels = ["slab", slab.name];
        emit(activeObjects, labels, slab.activeObjects);
        emit(objects, labels, slab.objects);
        emit(objectSize, labels, slab.objectSize);
        emit(objectsPerSlab, labels, slab.objectsPerSlab);
        emit(pagesPerSlab, labels, slab.pagesPerSlab);
      }
    };
  },
};
