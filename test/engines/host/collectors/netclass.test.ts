import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { filesOf, fixtureExporter, gathered } from "../fixture-host.ts";

function device(host: string): string {
  const path = join(host, "sys/class/net/eth0");
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "mtu"), "1500\n");
  return path;
}

test("what a device does not answer (EINVAL) is left out", async () => {
  using dir = tempDir();
  // The kernel knows no speed of the loopback device.
  symlinkSync("/sys/class/net/lo/speed", join(device(dir.path), "speed"));
  const { exporter, logged } = fixtureExporter(["netclass"], { files: filesOf(dir.path) });
  expect(await gathered(exporter, "node_network")).toEqual([
    'node_network_info{address="",adminstate="unknown",broadcast="",device="eth0",duplex="",ifalias="",operstate=""} 1',
    'node_network_mtu_bytes{device="eth0"} 1500',
    'node_network_up{device="eth0"} 0',
  ]);
  expect(logged).toEqual([]);
  exporter.close();
});

test("another failure leaves nothing of any device", async () => {
  using dir = tempDir();
  mkdirSync(join(device(dir.path), "speed"));
  const { exporter, logged } = fixtureExporter(["netclass"], { files: filesOf(dir.path) });
  expect(await gathered(exporter, "node_network")).toEqual([]);
  expect(logged.join()).toContain("EISDIR");
  exporter.close();
});
