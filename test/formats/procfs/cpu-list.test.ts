import { expect, test } from "vitest";
import { parseCpuList } from "../../../src/formats/procfs/cpu-list.ts";

test("a list has single CPUs and ranges", () => {
  const f = (input: string, want: number[]) => expect(parseCpuList(input)).toEqual(want);

  f("\n", []);
  f("3\n", [3]);
  f("1-3,8,10-11\n", [1, 2, 3, 8, 10, 11]);
});

test("anything else fails", () => {
  expect(() => parseCpuList("1-3;8\n")).toThrow(new Error('cannot parse the CPU list "1-3;8"'));
});
