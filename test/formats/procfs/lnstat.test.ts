import { expect, test } from "vitest";
import { parseLnstat } from "../../../src/formats/procfs/lnstat.ts";

test("each column has the hexadecimal numbers of all CPUs", () => {
  expect(Object.fromEntries(parseLnstat("entries  hits\n00000014 0000000a\n00000014 ff\n"))).toEqual({
    entries: [20, 20],
    hits: [10, 255],
  });
  expect([...parseLnstat("")]).toEqual([]);
});

test("a line that is no numbers, or too long, is refused", () => {
  expect(() => parseLnstat("a\nxyz\n")).toThrow('cannot parse net/stat: unexpected line "xyz"');
  expect(() => parseLnstat("a\n1 2\n")).toThrow("cannot parse net/stat");
});
