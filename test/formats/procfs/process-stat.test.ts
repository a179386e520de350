import { expect, test } from "vitest";
import { parseProcessStat } from "../../../src/formats/procfs/process-stat.ts";

const stat = (comm: string, state: string, threads: string) =>
  `7 (${comm}) ${state} 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 ${threads} 0 22\n`;

test("a name may hold blanks, parentheses and line feeds", () => {
  const f = (comm: string) => expect(parseProcessStat(stat(comm, "S", "3"))).toEqual({ state: "S", threads: 3 });

  f("cat");
  f("Web Content");
  f("evil) Z 9 (x");
  f(") R");
  f("two\nlines");
});

test("a text that breaks off is refused", () => {
  expect(() => parseProcessStat("")).toThrow("cannot parse stat of a process");
  expect(() => parseProcessStat("7 (cat)")).toThrow("cannot parse stat of a process");
  expect(() => parseProcessStat("7 (cat) S 1 1")).toThrow("cannot parse stat of a process");
});
