import { expect, test } from "vitest";
import { parseXfsStats } from "../../../src/formats/procfs/xfs-stat.ts";

test("lines that are not of interest may have any length", () => {
  expect(parseXfsStats("abt 1 2 3 4\nqm 1\nvnodes 1 2 3 4 5 6 7\ndebug\n")).toEqual(
    new Map([
      ["abt", [1, 2, 3, 4]],
      ["vnodes", [1, 2, 3, 4, 5, 6, 7]],
    ]),
  );
});

test("a line of another length, or with what is no number, is refused", () => {
  expect(() => parseXfsStats("abt 1 2 3\n")).toThrow("cannot parse stats of xfs");
  expect(() => parseXfsStats("abt 1 2 3 x\n")).toThrow("cannot parse stats of xfs");
});
