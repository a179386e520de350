import { lines, malformed, unsigned, words } from "./text.ts";

/** How many numbers each line that is read has (fs/xfs/xfs_stats.h). */
const lengths = new Map([
  ["extent_alloc", [4]],
  ["abt", [4]],
  ["blk_map", [7]],
  ["bmbt", [4]],
  ["dir", [4]],
  ["ig", [7]],
  ["rw", [2]],
  // Old kernels do not count the free ones.
  ["vnodes", [7, 8]],
]);

/** The lines of /sys/fs/xfs/<device>/stats/stats by their first word: `abt 5 6 7 8`. Absent lines have no entry. */
export function parseXfsStats(text: string): Map<string, number[]> {
  const stats = new Map<string, number[]>();
  for (const line of lines(text)) {
    const [name = "", ...counts] = words(line);
    const allowed = lengths.get(name);
    if (allowed === undefined || counts.length === 0) continue;
    if (!allowed.includes(counts.length)) throw malformed("stats of xfs", line);
    stats.set(
      name,
      counts.map((count) => unsigned(count, "stats of xfs", line)),
    );
  }
  return stats;
}
