import { expect, test } from "vitest";
import { parseMeminfo } from "../../../src/formats/procfs/meminfo.ts";

test("fields in kB are bytes, others stand as they are", () => {
  const f = (input: string, want: Record<string, number>) =>
    expect(Object.fromEntries(parseMeminfo(input))).toEqual(want);

  f("MemTotal:       16042172 kB\nActive(anon):    1 kB\nHugePages_Total:       3\n", {
    MemTotal: 16427184128,
    "Active(anon)": 1024,
    HugePages_Total: 3,
  });
  f("VmallocTotal:   34359738367 kB\n", { VmallocTotal: 35184372087808 });
  f("", {});
});

test("another unit, no value or no colon fails", () => {
  const f = (input: string) =>
    expect(() => parseMeminfo(input)).toThrow(
      new Error(`cannot parse meminfo: unexpected line ${JSON.stringify(input)}`),
    );

  f("MemTotal: 1 MB");
  f("MemTotal:");
  f("MemTotal: much kB");
  // The heading of Linux 2.4.
  f("        total:    used:    free:  shared: buffers:  cached:");
});
