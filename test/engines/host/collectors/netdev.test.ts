import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { filesOf, fixtureExporter, gathered, metalFixture, plainOptions } from "../fixture-host.ts";

const address = (text: string, cidr: string, internal = false) =>
  ({ address: text, cidr, internal }) as NetworkInterfaceInfo;

test("every counter of the kernel, with the alias as a label", async () => {
  const { exporter } = fixtureExporter(
    ["netdev"],
    { files: filesOf(metalFixture) },
    { netdev: { ...plainOptions.netdev, detailedMetrics: true, labelIfalias: true } },
  );
  expect(await gathered(exporter, "node_network")).toEqual([
    'node_network_receive_nohandler_total{device="bond0",ifalias=""} 12',
    'node_network_receive_nohandler_total{device="eth0",ifalias="uplink \\"A\\" \\\\1"} 12',
    'node_network_receive_nohandler_total{device="lo",ifalias=""} 0',
  ]);
  exporter.close();
});

test("addresses have a scope", async () => {
  const { exporter } = fixtureExporter(
    ["netdev"],
    {
      networkInterfaces: () => ({
        lo: [address("127.0.0.1", "127.0.0.1/8", true)],
        eth0: [address("10.0.0.2", "10.0.0.2/24"), address("fe80::1", "fe80::1/64"), address("fd00::2", "fd00::2/64")],
        eth1: [address("169.254.1.1", "169.254.1.1/16")],
      }),
    },
    { netdev: { ...plainOptions.netdev, device: (name) => name !== "eth1", addressInfo: true } },
  );
  expect(await gathered(exporter, "node_network_address_info")).toEqual([
    'node_network_address_info{address="10.0.0.2",device="eth0",netmask="24",scope="global"} 1',
    'node_network_address_info{address="127.0.0.1",device="lo",netmask="8",scope="link-local"} 1',
    'node_network_address_info{address="fd00::2",device="eth0",netmask="64",scope="global"} 1',
    'node_network_address_info{address="fe80::1",device="eth0",netmask="64",scope="link-local"} 1',
  ]);
  exporter.close();
});
