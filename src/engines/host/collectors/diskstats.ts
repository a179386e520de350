import { type DiskStats, parseDiskstats } from "../../../formats/procfs/diskstats.ts";
import { parseUdev } from "../../../formats/procfs/udev.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge } from "../collector.ts";
import type { HostFiles } from "../host-files.ts";
import { RotationalDisks } from "../rotational-disks.ts";

const info = gauge("node_disk_info", "Info of /sys/block/<block_device>.");

/** /proc/diskstats counts in sectors of 512 bytes, whatever the device's own are, and in milliseconds. */
const bytes = 512;
const asSeconds = 0.001;

/** The columns of a line, each with what it is multiplied by: as upstream does it, so that the doubles are the same. */
export const columns: readonly (readonly [family: Family, factor: number])[] = [
  [counter("node_disk_reads_completed_total", "The total number of reads completed successfully."), 1],
  [counter("node_disk_reads_merged_total", "The total number of reads merged."), 1],
  [counter("node_disk_read_bytes_total", "The total number of bytes read successfully."), bytes],
  [counter("node_disk_read_time_seconds_total", "The total number of seconds spent by all reads."), asSeconds],
  [counter("node_disk_writes_completed_total", "The total number of writes completed successfully."), 1],
  [counter("node_disk_writes_merged_total", "The number of writes merged."), 1],
  [counter("node_disk_written_bytes_total", "The total number of bytes written successfully."), bytes],
  [
    counter("node_disk_write_time_seconds_total", "This is the total number of seconds spent by all writes."),
    asSeconds,
  ],
  [gauge("node_disk_io_now", "The number of I/Os currently in progress."), 1],
  [counter("node_disk_io_time_seconds_total", "Total seconds spent doing I/Os."), asSeconds],
  [counter("node_disk_io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os."), asSeconds],
  [counter("node_disk_discards_completed_total", "The total number of discards completed successfully."), 1],
  [counter("node_disk_discards_merged_total", "The total number of discards merged."), 1],
  [counter("node_disk_discarded_sectors_total", "The total number of sectors discarded successfully."), 1],
  [
    counter("node_disk_discard_time_seconds_total", "This is the total number of seconds spent by all discards."),
    asSeconds,
  ],
  [counter("node_disk_flush_requests_total", "The total number of flush requests completed successfully"), 1],
  [
    counter(
      "node_disk_flush_requests_time_seconds_total",
      "This is the total number of seconds spent by all flush requests.",
    ),
    asSeconds,
  ],
];

const filesystemInfo = gauge("node_disk_filesystem_info", "Info about disk filesystem.");
const deviceMapperInfo = gauge("node_disk_device_mapper_info", "Info about disk device mapper.");
const ataProperties: readonly (readonly [property: string, family: Family])[] = [
  ["ID_ATA_WRITE_CACHE", gauge("node_disk_ata_write_cache", "ATA disk has a write cache.")],
  ["ID_ATA_WRITE_CACHE_ENABLED", gauge("node_disk_ata_write_cache_enabled", "ATA disk has its write cache enabled.")],
  [
    "ID_ATA_ROTATION_RATE_RPM",
    gauge("node_disk_ata_rotation_rate_rpm", "ATA disk rotation rate in RPMs (0 for SSDs)."),
  ],
];

export const diskstats: CollectorSpec = {
  name: "diskstats",
  enabledByDefault: true,

  create({ files }, options) {
    const rotationalDisks = new RotationalDisks(files);
    return (emit) => {
      const disks = parseDiskstats(files.proc("diskstats")).filter(({ device }) => options.diskstats.device(device));
      rotationalDisks.keepOnly(disks.map(({ device }) => device));
      for (const disk of disks) {
        const udev = readUdev(files, disk);
        emitInfo(emit, disk, udev, rotationalDisks.isRotational(disk.device));
        emitColumns(emit, disk);
        emitUdev(emit, disk, udev);
      }
    };
  },
};

type Udev = (property: string) => string;

/** No file, no udev (a container): no properties. */
function readUdev(files: HostFiles, { major, minor }: DiskStats): Udev {
  let properties: Map<string, string> | undefined;
  try {
    properties = parseUdev(files.text(`${files.paths.udevData}/b${major}:${minor}`) ?? "");
  } catch {
    // Upstream treats a file that cannot be read as one that does not exist.
  }
  return (property) => properties?.get(property) ?? "";
}

function emitInfo(emit: Emit, { device, major, minor }: DiskStats, udev: Udev, isRotational: boolean): void {
  const labels = {
    device,
    major,
    minor,
    model: udev("ID_MODEL"),
    path: udev("ID_PATH"),
    revision: udev("ID_REVISION"),
    rotational: isRotational ? "1" : "0",
    // The one that is printed on the disk, if it is known; virtio has only the last.
    serial: udev("SCSI_IDENT_SERIAL") || udev("ID_SERIAL_SHORT") || udev("ID_SERIAL"),
    wwn: udev("ID_WWN"),
  };
  emit(info, Object.entries(labels).flat(), 1);
}

function emitColumns(emit: Emit, disk: DiskStats): void {
  const labels = ["device", disk.device];
  for (let at = 0; at < disk.columns.length; at++) {
    const [family, factor] = columns[at]!;
    emit(family, labels, disk.columns[at]! * factor);
  }
}

function emitUdev(emit: Emit, { device }: DiskStats, udev: Udev): void {
  const type = udev("ID_FS_TYPE");
  if (type !== "") {
    const labels = {
      device,
      type,
      usage: udev("ID_FS_USAGE"),
      uuid: udev("ID_FS_UUID"),
      version: udev("ID_FS_VERSION"),
    };
    emit(filesystemInfo, Object.entries(labels).flat(), 1);
  }
  const name = udev("DM_NAME");
  if (name !== "") {
    const labels = {
      device,
      lv_layer: udev("DM_LV_LAYER"),
      lv_name: udev("DM_LV_NAME"),
      name,
      uuid: udev("DM_UUID"),
      vg_name: udev("DM_VG_NAME"),
    };
    emit(deviceMapperInfo, Object.entries(labels).flat(), 1);
  }
  if (udev("ID_ATA") === "") return;
  for (const [property, family] of ataProperties) {
    const value = udev(property);
    if (value !== "" && !Number.isNaN(Number(value))) emit(family, ["device", device], Number(value));
  }
}
