import { expect, test } from "vitest";
import { parseLoadavg } from "../../../src/formats/procfs/loadavg.ts";

test("the first three numbers are the averages", () => {
  expect(parseLoadavg("0.21 0.37 10.39 1/719 19737\n")).toEqual([0.21, 0.37, 10.39]);
});

test("fewer numbers, or none, fail", () => {
  const f = (input: string) => expect(() => parseLoadavg(input)).toThrow("cannot parse loadavg: unexpected line");

  f("");
  f("0.21 0.37\n");
  f("0.21 high 0.39 1/719 19737\n");
});
