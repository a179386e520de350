import { lines, unsigned, words } from "./text.ts";

export interface DiskStats {
  readonly major: string;
  readonly minor: string;
  readonly device: string;
  /**
   * The columns behind the name, as many as the kernel has: 11, 15 (discards, Linux 4.18) or 17 (flushes, 5.5); later
   * ones are left out. Documentation/admin-guide/iostats.rst has their meaning.
   */
  readonly columns: readonly number[];
}

const identity = 3;
const oldest = 14;
const newest = 20;

/** Lines with fewer columns than a whole disk has (partitions before Linux 2.6.25) are skipped. */
export function parseDiskstats(text: string): DiskStats[] {
  const disks: DiskStats[] = [];
  for (const line of lines(text)) {
    const [major = "", minor = "", device = "", ...columns] = words(line);
    if (columns.length + identity < oldest) continue;
    disks.push({
      major,
      minor,
      device,
      columns: columns.slice(0, newest - identity).map((column) => unsigned(column, "diskstats", line)),
    });
  }
  return disks;
}
