import { expect, test } from "vitest";
import { parseSockstat } from "../../../src/formats/procfs/sockstat.ts";

test("a protocol has pairs of a name and a count", () => {
  expect(parseSockstat("sockets: used 12\nTCP: inuse 3 mem -1\n", "net/sockstat")).toEqual([
    { protocol: "sockets", counts: [["used", 12]] },
    {
      protocol: "TCP",
      counts: [
        ["inuse", 3],
        ["mem", -1],
      ],
    },
  ]);
  expect(parseSockstat("", "net/sockstat")).toEqual([]);
});

test("a name without a count is refused", () => {
  expect(() => parseSockstat("TCP: inuse 3 mem\n", "net/sockstat")).toThrow("cannot parse net/sockstat");
  expect(() => parseSockstat("TCP: inuse x\n", "net/sockstat")).toThrow("cannot parse net/sockstat");
});
