import { expect, test } from "vitest";
import { parseNetSnmp, parseNetSnmp6 } from "../../../src/formats/procfs/net-snmp.ts";

test("a line of names is followed by one of values", () => {
  expect(
    parseNetSnmp("Tcp: MaxConn InSegs\nTcp: -1 18446744073709551615\nIcmp: InMsgs\nIcmp: 3\n", "net/snmp"),
  ).toEqual([
    { protocol: "Tcp", name: "MaxConn", value: -1 },
    { protocol: "Tcp", name: "InSegs", value: 2 ** 64 },
    { protocol: "Icmp", name: "InMsgs", value: 3 },
  ]);
});

test("names and values that do not belong together are refused", () => {
  expect(() => parseNetSnmp("Tcp: InSegs\nUdp: 1\n", "net/snmp")).toThrow("cannot parse net/snmp");
  expect(() => parseNetSnmp("Tcp: InSegs\nTcp: 1 2\n", "net/snmp")).toThrow("cannot parse net/snmp");
  expect(() => parseNetSnmp("Tcp: InSegs\nTcp: x\n", "net/snmp")).toThrow("cannot parse net/snmp");
});

test("in the file of IPv6 the protocol ends with the first 6", () => {
  expect(parseNetSnmp6("Ip6InReceives   7\nIcmp6OutType136 8\nnonsense\nIpNone 3\n")).toEqual([
    { protocol: "Ip6", name: "InReceives", value: 7 },
    { protocol: "Icmp6", name: "OutType136", value: 8 },
  ]);
  expect(parseNetSnmp6("")).toEqual([]);
  expect(() => parseNetSnmp6("Ip6InReceives x\n")).toThrow("cannot parse net/snmp6");
});
