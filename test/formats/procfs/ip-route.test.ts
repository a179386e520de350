import { expect, test } from "vitest";
import { parseRoutes } from "../../../src/formats/procfs/ip-route.ts";

test("only unicast routes, by their ways; a route to a host has a whole prefix", () => {
  const routes = [
    { type: "1", dst: "default", dev: "eth0", gateway: "192.0.2.1", protocol: "16", metric: 100, prefsrc: "192.0.2.7" },
    { type: "1", dst: "203.0.113.9", dev: "tun0" },
    {
      type: "1",
      dst: "10.0.0.0/8",
      nexthops: [
        { dev: "eth0", gateway: "192.0.2.3", weight: 1 },
        { dev: "eth1", weight: 2 },
      ],
    },
    { type: "2", dst: "127.0.0.1", dev: "lo" },
  ];
  const hop = { source: "", priority: 0, protocol: 0, weight: undefined, gateway: "" };
  expect(parseRoutes(JSON.stringify(routes), 32)).toEqual([
    {
      ...{ destination: "default", device: "eth0", gateway: "192.0.2.1", source: "192.0.2.7" },
      ...{ priority: 100, protocol: 16, weight: undefined },
    },
    { ...hop, destination: "203.0.113.9/32", device: "tun0" },
    { ...hop, destination: "10.0.0.0/8", device: "eth0", gateway: "192.0.2.3", weight: 1 },
    { ...hop, destination: "10.0.0.0/8", device: "eth1", weight: 2 },
  ]);
});

test("a host without routes has none", () => expect(parseRoutes("", 128)).toEqual([]));
