import { expect, test } from "vitest";
import { parseSwaps } from "../../../src/formats/procfs/swaps.ts";

const heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

test("a swap may have a priority below 0", () => {
  expect(parseSwaps(`${heading}/dev/dm-1 partition 33554428 1024 -2\n`)).toEqual([
    { device: "/dev/dm-1", type: "partition", size: 33554428, used: 1024, priority: -2 },
  ]);
  expect(parseSwaps(heading)).toEqual([]);
});

test("a row that lacks a column is refused", () => {
  expect(() => parseSwaps(`${heading}/dev/dm-1 partition 33554428\n`)).toThrow("cannot parse swaps");
});
