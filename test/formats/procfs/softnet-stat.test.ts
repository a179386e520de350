import { expect, test } from "vitest";
import { parseSoftnetStat } from "../../../src/formats/procfs/softnet-stat.ts";

test("a new kernel says whose line it is, an old one has a line for each CPU", () => {
  const nine = "0000000a 00000001 00000002 00000000 00000000 00000000 00000000 00000000 00000003";
  expect(parseSoftnetStat(`${nine}\n${nine} 00000004 00000005 00000006 00000007\n`)).toEqual([
    {
      cpu: 0,
      processed: 10,
      dropped: 1,
      timeSqueezed: 2,
      cpuCollision: 3,
      receivedRps: 0,
      flowLimitCount: 0,
      backlogLength: 0,
    },
    {
      cpu: 7,
      processed: 10,
      dropped: 1,
      timeSqueezed: 2,
      cpuCollision: 3,
      receivedRps: 4,
      flowLimitCount: 5,
      backlogLength: 6,
    },
  ]);
});

test("a line that is too short is refused", () => {
  expect(() => parseSoftnetStat("0000000a 00000001\n")).toThrow("cannot parse net/softnet_stat");
});
