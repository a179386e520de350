import { expect, test } from "vitest";
import { parseIpvs, parseIpvsStats } from "../../../src/formats/procfs/ip-vs.ts";

const service =
  "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n";

test("a backend belongs to the service above it", () => {
  const text = `${service}TCP  0A000001:0050 rr\n  -> 0A000002:1F90      Masq    1      2          3\nFWM  00000007 rr\n  -> 0A000003:0000      Route   4      5          6\n`;
  expect(parseIpvs(text)).toEqual([
    {
      proto: "TCP",
      localAddress: "10.0.0.1",
      localPort: 80,
      localMark: "",
      remoteAddress: "10.0.0.2",
      remotePort: 8080,
      weight: 1,
      active: 2,
      inactive: 3,
    },
    {
      proto: "FWM",
      localAddress: "",
      localPort: 0,
      localMark: "00000007",
      remoteAddress: "10.0.0.3",
      remotePort: 0,
      weight: 4,
      active: 5,
      inactive: 6,
    },
  ]);
});

test("IPv6 addresses are written short", () => {
  const address = (text: string) =>
    parseIpvs(`UDP  [${text}]:0035 rr\n  -> [${text}]:0035 Masq 1 0 0\n`)[0]?.localAddress;
  expect(address("2001:0DB8:0000:0000:0000:0000:0000:0001")).toBe("2001:db8::1");
  expect(address("0000:0000:0000:0000:0000:0000:0000:0000")).toBe("::");
  expect(address("0001:0000:0000:0002:0000:0000:0000:0003")).toBe("1:0:0:2::3");
});

test("what is no address or number is refused", () => {
  expect(() => parseIpvs("TCP  XXXX0016:0CEA wlc\n")).toThrow("cannot parse net/ip_vs");
  expect(() => parseIpvs("TCP  0A000001:0050 rr\n  -> 0A000002:1F90 Masq one 2 3\n")).toThrow("cannot parse net/ip_vs");
  expect(() => parseIpvs("TCP  0A000001:0050 rr\n  -> 0A000002:1F90 Masq\n")).toThrow("cannot parse net/ip_vs");
});

test("the totals stand in the third line", () => {
  const text = "Total Incoming\nConns Packets\n A 1F 0 FFF FFFFFFFFFFFFFFFF\n\n";
  expect(parseIpvsStats(text)).toEqual({
    connections: 10,
    incomingPackets: 31,
    outgoingPackets: 0,
    incomingBytes: 4095,
    outgoingBytes: 2 ** 64,
  });
  expect(() => parseIpvsStats("Total\nConns\n 1 2 3\n")).toThrow("cannot parse net/ip_vs_stats");
  expect(() => parseIpvsStats("")).toThrow("cannot parse net/ip_vs_stats");
});
