import { expect, test } from "vitest";
import { parseSchedstat } from "../../../src/formats/procfs/schedstat.ts";

test("the last three columns of a CPU count; domains and short lines are left out", () => {
  const text = "version 15\ncpu0 1 0 2 3 4 5 6 7 8\ndomain0 1 2 3\ncpu11 0 0 0 0 0 0 9 10\n";
  expect(parseSchedstat(text)).toEqual([{ cpu: "0", runningNanoseconds: 6, waitingNanoseconds: 7, timeslices: 8 }]);
});

test("what is no number is refused", () => {
  expect(() => parseSchedstat("cpu0 1 0 2 3 4 5 x 7 8\n")).toThrow("cannot parse schedstat");
});
