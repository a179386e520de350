import { lines, unsigned, words } from "./text.ts";

/** /sys/fs/btrfs/<uuid>/commit_stats; 0 where the kernel (before 6.1) has no such file. */
export interface BtrfsCommitStats {
  readonly commits: number;
  readonly lastMs: number;
  readonly maxMs: number;
  readonly totalMs: number;
}

export function parseCommitStats(text: string): BtrfsCommitStats {
  const values = new Map<string, number>();
  for (const line of lines(text)) {
    const [name = "", value] = words(line);
    values.set(name, unsigned(value, "commit_stats", line));
  }
  const numberOf = (name: string) => values.get(name) ?? 0;
  return {
    commits: numberOf("commits"),
    lastMs: numberOf("last_commit_ms"),
    maxMs: numberOf("max_commit_ms"),
    totalMs: numberOf("total_commit_ms"),
  };
}

/** How many bytes of disk a byte takes in a profile; 0 for one that node_exporter does not know. */
export function allocationRatio(profile: string, devices: number): number {
  switch (profile) {
    case "single":
    case "raid0":
      return 1;
    case "dup":
    case "raid1":
    case "raid10":
      return 2;
    case "raid1c3":
      return 3;
    case "raid1c4":
      return 4;
    case "raid5":
      return devices / (devices - 1);
    case "raid6":
      return devices / (devices - 2);
    default:
      return 0;
  }
}
