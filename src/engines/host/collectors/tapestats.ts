import { type CollectorSpec, counter, type Family, gauge } from "../collector.ts";
import { attributeNumber, classNames } from "../hardware-files.ts";

const nano = 0.000000001;

const families: readonly (readonly [file: string, Family, factor: number])[] = [
  ["in_flight", gauge("node_tape_io_now", "The number of I/Os currently outstanding to this device."), 1],
  [
    "io_ns",
    counter(
      "node_tape_io_time_seconds_total",
      "The amount of time spent waiting for all I/O to complete (including read and write). This includes tape movement commands such as seeking between file or set marks and implicit tape movement such as when rewind on close tape devices are used.",
    ),
    nano,
  ],
  [
    "other_cnt",
    counter(
      "node_tape_io_others_total",
      "The number of I/Os issued to the tape drive other than read or write commands. The time taken to complete these commands uses the following calculation io_time_seconds_total-read_time_seconds_total-write_time_seconds_total",
    ),
    1,
  ],
  ["read_byte_cnt", counter("node_tape_read_bytes_total", "The number of bytes read from the tape drive."), 1],
  ["read_cnt", counter("node_tape_reads_completed_total", "The number of read requests issued to the tape drive."), 1],
  [
    "read_ns",
    counter("node_tape_read_time_seconds_total", "The amount of time spent waiting for read requests to complete."),
    nano,
  ],
  ["write_byte_cnt", counter("node_tape_written_bytes_total", "The number of bytes written to the tape drive."), 1],
  [
    "write_cnt",
    counter("node_tape_writes_completed_total", "The number of write requests issued to the tape drive."),
    1,
  ],
  [
    "write_ns",
    counter("node_tape_write_time_seconds_total", "The amount of time spent waiting for write requests to complete."),
    nano,
  ],
  [
    "resid_cnt",
    counter(
      "node_tape_residual_total",
      "The number of times during a read or write we found the residual amount to be non-zero. This should mean that a program is issuing a read larger thean the block size on tape. For write not all data made it to tape.",
    ),
    1,
  ],
];

/** st0 and its like; nst0, st0a and so on are the same drives in other modes. */
export const tapestats: CollectorSpec = {
  name: "tapestats",
  enabledByDefault: true,

  create({ files }, options) {
    return (emit) => {
      for (const device of classNames(files, "class/scsi_tape").filter((name) => /^st[0-9]+$/.test(name))) {
        if (!options.tapestats.device(device)) continue;
        for (const [file, family, factor] of families) {
          const value = attributeNumber(files, `class/scsi_tape/${device}/stats/${file}`);
          emit(family, ["device", device], value * factor);
        }
      }
    };
  },
};
