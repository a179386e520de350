import { expect, test } from "vitest";
import { parseSoftirqs } from "../../../src/formats/procfs/softirqs.ts";

test("a softirq has a count per CPU", () => {
  expect(parseSoftirqs("       CPU0  CPU1\n   HI:   1   2\nTIMER:  3  4\n")).toEqual(
    new Map([
      ["HI", [1, 2]],
      ["TIMER", [3, 4]],
    ]),
  );
  expect(() => parseSoftirqs("HI: x\n")).toThrow("cannot parse softirqs");
});
