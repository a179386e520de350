import { expect, test } from "vitest";
import { parseNodeMeminfo, parseNumastat } from "../../../src/formats/procfs/node-meminfo.ts";

test("fields of a node's memory are in bytes where the kernel gives kB", () => {
  expect(parseNodeMeminfo("\nNode 0 MemTotal:  5 kB\nNode 0 Active(anon): 6 kB\nNode 0 HugePages_Total:  7\n")).toEqual(
    new Map([
      ["MemTotal", 5120],
      ["Active(anon)", 6144],
      ["HugePages_Total", 7],
    ]),
  );
});

test("another unit, or no number, is refused", () => {
  expect(() => parseNodeMeminfo("Node 0 MemTotal: 5 MB\n")).toThrow("cannot parse meminfo of a node");
  expect(() => parseNodeMeminfo("Node 0 MemTotal: x kB\n")).toThrow("cannot parse meminfo of a node");
  expect(() => parseNodeMeminfo("Nodule 0 MemTotal: 5 kB\n")).toThrow("cannot parse meminfo of a node");
});

test("a node's allocations are counted by kind", () => {
  expect(parseNumastat("numa_hit 5\nnuma_miss 6\n")).toEqual(
    new Map([
      ["numa_hit", 5],
      ["numa_miss", 6],
    ]),
  );
  expect(() => parseNumastat("numa_hit x\n")).toThrow("cannot parse numastat");
});
