import { expect, test } from "vitest";
import { parseSlabinfo } from "../../../src/formats/procfs/slabinfo.ts";

const row = "kmalloc-8k 148 160 8192 4 8 : tunables 0 0 0 : slabdata 40 40 0\n";

test("a cache has five numbers of interest", () => {
  expect(parseSlabinfo(`slabinfo - version: 2.1\n# name <active_objs>\n${row}`)).toEqual([
    { name: "kmalloc-8k", activeObjects: 148, objects: 160, objectSize: 8192, objectsPerSlab: 4, pagesPerSlab: 8 },
  ]);
});

test("a row of another length is refused", () => {
  expect(() => parseSlabinfo("kmalloc-8k 148 160\n")).toThrow("cannot parse slabinfo");
  expect(() => parseSlabinfo(row.replace("148", "x"))).toThrow("cannot parse slabinfo");
});
