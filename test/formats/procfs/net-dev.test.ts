import { expect, test } from "vitest";
import { parseNetDev } from "../../../src/formats/procfs/net-dev.ts";

const heading = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

test("each device has its sixteen counters", () => {
  const f = (line: string, name: string, counters: number[]) =>
    expect(parseNetDev(`${heading}${line}\n`)).toEqual([{ name, counters }]);

  f("    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "lo", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  // No blank behind the colon, an alias, and a name that a person made up.
  f("  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", "eth0", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  f("eth0:1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "eth0:1", Array(16).fill(0));
  f("  日本: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "日本", Array(16).fill(0));
  // A uint64 beyond 2^53 is rounded to the nearest double.
  f("eth0: 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0", "eth0", [2 ** 64, ...Array(15).fill(0)]);
});

test("a machine without devices has none", () => {
  expect(parseNetDev(heading)).toEqual([]);
});

test("a line with other columns fails", () => {
  const f = (line: string) =>
    expect(() => parseNetDev(heading + line)).toThrow("cannot parse net/dev: unexpected line");

  f("lo: 1 2 3 4");
  f("lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x");
  f("no device at all");
});
