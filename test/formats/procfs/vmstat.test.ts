import { expect, test } from "vitest";
import { parseVmstat } from "../../../src/formats/procfs/vmstat.ts";

test("each line is a name and a value", () => {
  expect(parseVmstat("pgpgin 7344136\noom_kill 0\nnr_dirty -1\n")).toEqual([
    ["pgpgin", 7344136],
    ["oom_kill", 0],
    ["nr_dirty", -1],
  ]);
});

test("a line without a number fails", () => {
  const f = (input: string) => expect(() => parseVmstat(input)).toThrow("cannot parse vmstat: unexpected line");

  f("pgpgin\n");
  f("pgpgin many\n");
});
