import { expect, test } from "vitest";
import { parseConntrackStat } from "../../../src/formats/procfs/conntrack.ts";

const row = (count: number) => Array.from({ length: count }, (_none, at) => at.toString(16).padStart(8, "0")).join(" ");

test("the columns of all CPUs are summed", () => {
  expect(parseConntrackStat(`heading\n${row(17)}\n${row(17)}\n`)).toEqual({
    found: 4,
    invalid: 8,
    ignore: 10,
    insert: 16,
    insertFailed: 18,
    drop: 20,
    earlyDrop: 22,
    searchRestart: 32,
  });
});

test("a kernel without the last column restarts no search", () => {
  expect(parseConntrackStat(`heading\n${row(16)}\n`)).toMatchObject({ earlyDrop: 11, searchRestart: 0 });
  expect(parseConntrackStat("heading\n")).toMatchObject({ found: 0 });
});

test("a row of another length, or with what is no number, is refused", () => {
  expect(() => parseConntrackStat(`heading\n${row(15)}\n`)).toThrow("cannot parse net/stat/nf_conntrack");
  expect(() => parseConntrackStat(`heading\n${row(16)} xyz\n`)).toThrow("cannot parse net/stat/nf_conntrack");
});
