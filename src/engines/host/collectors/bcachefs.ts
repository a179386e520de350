import {
  parseBcachefsCounter,
  parseBcachefsErrors,
  parseBcachefsIoDone,
  parseBcachefsIoErrors,
  parseBcachefsNumber,
  parseBcachefsTable,
} from "../../../formats/procfs/bcachefs.ts";
import { type CollectorSpec, counter, type Emit, gauge, NoData } from "../collector.ts";
import { classNames, sysfsFile } from "../hardware-files.ts";
import type { HostFiles } from "../host-files.ts";
import { metricName } from "../metric-name.ts";

const info = gauge("node_bcachefs_info", "Filesystem information.");
const cacheSize = gauge("node_bcachefs_btree_cache_size_bytes", "Btree cache memory usage in bytes.");
const compressed = gauge("node_bcachefs_compression_compressed_bytes", "Compressed size by algorithm.");
const uncompressed = gauge("node_bcachefs_compression_uncompressed_bytes", "Uncompressed size by algorithm.");
const errors = counter("node_bcachefs_errors_total", "Error count by error type.");
const writes = counter("node_bcachefs_btree_writes_total", "Number of btree writes by type.");
const writeSize = gauge("node_bcachefs_btree_write_average_size_bytes", "Average btree write size by type.");
const deviceInfo = gauge("node_bcachefs_device_info", "Device information.");
const bucketSize = gauge("node_bcachefs_device_bucket_size_bytes", "Bucket size in bytes.");
const buckets = gauge("node_bcachefs_device_buckets", "Total number of buckets.");
const durability = gauge("node_bcachefs_device_durability", "Device durability setting.");
const ioDone = counter("node_bcachefs_device_io_done_bytes_total", "IO bytes by operation type and data type.");
const ioErrors = counter("node_bcachefs_device_io_errors_total", "IO errors by error type.");

export const bcachefs: CollectorSpec = {
  name: "bcachefs",
  enabledByDefault: true,

  create({ files }) {
    return (emit) => {
      const uuids = classNames(files, "fs/bcachefs");
      if (uuids.length === 0) throw new NoData("no bcachefs is mounted");
      for (const uuid of uuids) emitFileSystem(files, emit, uuid);
    };
  },
};

function emitFileSystem(files: HostFiles, emit: Emit, uuid: string): void {
  const folder = `fs/bcachefs/${uuid}`;
  const read = (name: string) => sysfsFile(files, `${folder}/${name}`) ?? "";
  emit(info, ["uuid", uuid], 1);
  emit(cacheSize, ["uuid", uuid], parseBcachefsNumber(read("btree_cache_size").trim() || "0"));
  for (const [algorithm, to = "", from = ""] of parseBcachefsTable(read("compression_stats"))) {
    emit(compressed, ["algorithm", algorithm, "uuid", uuid], parseBcachefsNumber(to));
    emit(uncompressed, ["algorithm", algorithm, "uuid", uuid], parseBcachefsNumber(from));
  }
  for (const [kind, count] of parseBcachefsErrors(read("errors"))) {
    emit(errors, ["error_type", kind, "uuid", uuid], count);
  }
  for (const name of files.sysNames(`${folder}/counters`)) {
    const help = `Bcachefs counter ${name} since filesystem creation.`;
    const family = counter(`node_bcachefs_${metricName(name)}_total`, help);
    emit(family, ["uuid", uuid], parseBcachefsCounter(read(`counters/${name}`)));
  }
  for (const [type, count, size = ""] of parseBcachefsTable(read("btree_write_stats"))) {
    emit(writes, ["type", type, "uuid", uuid], Number(count));
    emit(writeSize, ["type", type, "uuid", uuid], parseBcachefsNumber(size));
  }
  for (const name of files.sysNames(folder).filter((name) => name.startsWith("dev-"))) {
    emitDevice(files, emit, `${folder}/${name}`, name.slice("dev-".length), uuid);
  }
}

function emitDevice(files: HostFiles, emit: Emit, folder: string, device: string, uuid: string): void {
  const read = (name: string) => sysfsFile(files, `${folder}/${name}`)?.trim() ?? "";
  const labels = ["device", device, "uuid", uuid];
  emit(deviceInfo, ["device", device, "label", read("label"), "state", read("state"), "uuid", uuid], 1);
  emit(bucketSize, labels, parseBcachefsNumber(read("bucket_size") || "0"));
  emit(buckets, labels, Number(read("nbuckets")));
  emit(durability, labels, Number(read("durability")));
  for (const [operation, type, bytes] of parseBcachefsIoDone(read("io_done"))) {
    emit(ioDone, ["data_type", type, "device", device, "operation", operation, "uuid", uuid], bytes);
  }
  for (const [type, count] of parseBcachefsIoErrors(read("io_errors"))) {
    emit(ioErrors, ["device", device, "type", type, "uuid", uuid], count);
  }
}
