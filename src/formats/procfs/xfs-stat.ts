import { lines, unsigned, words } from "./text.ts";

/** The lines of /sys/fs/xfs/<device>/stats/stats by their first word: `abt 5 6 7 8`. Absent lines have no entry. */
export function parseXfsStats(text: string): Map<string, number[]> {
  const stats = new Map<string, number[]>();
  for (const line of lines(text)) {
    const [name = "", ...counts] = words(line);
    if (counts.length === 0) continue;
    stats.set(
      name,
      counts.map((count) => unsigned(count, "stats of xfs", line)),
    );
  }
  return stats;
}
