import { expect, test } from "vitest";
import { allocationRatio, parseCommitStats } from "../../../src/formats/procfs/btrfs.ts";

test("a file of commits that is not there is all zeros", () => {
  expect(parseCommitStats("")).toEqual({ commits: 0, lastMs: 0, maxMs: 0, totalMs: 0 });
  expect(parseCommitStats("commits 3\nlast_commit_ms 1\nmax_commit_ms 2\ntotal_commit_ms 4\n")).toEqual({
    commits: 3,
    lastMs: 1,
    maxMs: 2,
    totalMs: 4,
  });
  expect(() => parseCommitStats("commits many\n")).toThrow("cannot parse commit_stats");
});

test("a profile's ratio may depend on the number of devices", () => {
  const f = (profile: string, devices: number, want: number) => expect(allocationRatio(profile, devices)).toBe(want);

  f("single", 1, 1);
  f("raid0", 2, 1);
  f("dup", 1, 2);
  f("raid10", 4, 2);
  f("raid1c3", 3, 3);
  f("raid1c4", 4, 4);
  f("raid5", 4, 4 / 3);
  f("raid6", 4, 2);
  f("raid99", 4, 0);
});
