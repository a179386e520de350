import { expect, test } from "vitest";
import { parseZoneinfo } from "../../../src/formats/procfs/zoneinfo.ts";

test("a zone has the statistics of its node, watermarks, and what it keeps back for others", () => {
  const text =
    "Node 0, zone      DMA\n  per-node stats\n      nr_dirty     103\n  pages free     2949\n        min      8\n" +
    "        protection: (0, 2039)\n  pagesets\n    cpu: 0\n              high:  5\nNode 1, zone   Normal\n        min      9\n";
  const [first, second] = parseZoneinfo(text);
  expect(first).toMatchObject({ node: "0", zone: "DMA", protection: ["0", "2039"] });
  expect(first?.fields.get("nr_dirty")).toBe("103");
  expect(first?.fields.get("min")).toBe("8");
  expect(first?.fields.get("high")).toBeUndefined();
  expect(second).toMatchObject({ node: "1", zone: "Normal", protection: [] });
});

test("an empty file has no zones", () => {
  expect(parseZoneinfo("")).toEqual([]);
});
