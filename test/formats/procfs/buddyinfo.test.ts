import { expect, test } from "vitest";
import { parseBuddyinfo } from "../../../src/formats/procfs/buddyinfo.ts";

test("a zone has as many sizes as the kernel was built for", () => {
  expect(parseBuddyinfo("Node 0, zone      DMA      1      0 \nNode 12, zone   Normal      7\n")).toEqual([
    { node: "0", zone: "DMA", blocks: [1, 0] },
    { node: "12", zone: "Normal", blocks: [7] },
  ]);
});

test("a zone without sizes is refused", () => {
  expect(() => parseBuddyinfo("Node 0, zone DMA\n")).toThrow("cannot parse buddyinfo");
  expect(() => parseBuddyinfo("Node 0, zone DMA 1 x\n")).toThrow("cannot parse buddyinfo");
});
