import { expect, test } from "vitest";
import { parseDiskstats } from "../../../src/formats/procfs/diskstats.ts";

test("a line has as many columns as its kernel", () => {
  const f = (line: string, want: number[]) =>
    expect(parseDiskstats(`${line}\n`)).toEqual([{ major: "8", minor: "0", device: "sda", columns: want }]);

  f("   8       0 sda 1 2 3 4 5 6 7 8 9 10 11", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  f("8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  f("8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
  // A later kernel may add more.
  f(
    "8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18",
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
  );
});

test("partitions of old kernels, which have four columns, are skipped", () => {
  expect(parseDiskstats("3 1 hda1 35486 38030 38030 38030\n\n")).toEqual([]);
});

test("a column that is no number fails", () => {
  expect(() => parseDiskstats("8 0 sda 1 2 3 4 5 6 7 8 -9 10 11\n")).toThrow(
    new Error('cannot parse diskstats: unexpected line "8 0 sda 1 2 3 4 5 6 7 8 -9 10 11"'),
  );
});
