import { expect, test } from "vitest";
import { parseCgroups } from "../../../src/formats/procfs/cgroups.ts";

const heading = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n";

test("a controller has a number of groups and is enabled or not", () => {
  expect(parseCgroups(`${heading}cpu\t3\t172\t1\nrdma\t0\t1\t0\n`)).toEqual([
    { name: "cpu", cgroups: 172, enabled: 1 },
    { name: "rdma", cgroups: 1, enabled: 0 },
  ]);
  expect(parseCgroups(heading)).toEqual([]);
});

test("a row of another length is refused", () => {
  expect(() => parseCgroups("cpu\t3\t172\n")).toThrow("cannot parse cgroups");
  expect(() => parseCgroups("cpu\t3\t172\t1\t5\n")).toThrow("cannot parse cgroups");
});
