import { expect, test } from "vitest";
import { systemClock } from "../../../../src/lib/clock.ts";
import { nameFilter } from "../../../../src/lib/name-filter.ts";
import type { Typed } from "../../../support/dbus-peer.ts";
import { fakeBus } from "../../../support/fake-bus.ts";
import { fakeSystemd } from "../../../support/fake-systemd.ts";
import { fixtureExporter, gathered, plainOptions } from "../fixture-host.ts";

const upstreamUnits = nameFilter(/^(?:.+)$/, /^(?:.+\.(automount|device|mount|scope|slice))$/);

/** The page without the series that are always there. */
async function page(options: object = {}, manager: Readonly<Record<string, Typed>> = {}) {
  await using bus = await fakeBus({ answer: fakeSystemd(manager) });
  const { exporter, logged } = fixtureExporter(
    ["systemd"],
    { systemBusAddress: bus.address, clock: systemClock },
    { systemd: { ...plainOptions.systemd, unit: upstreamUnits, ...options } },
  );
  const lines = await gathered(exporter, "node_systemd");
  const [success] = await gathered(exporter, "node_scrape_collector_success");
  exporter.close();
  expect(bus.complaints).toEqual([]);
  return { lines, success, logged, calls: bus.calls.length };
}

const allMetrics = { restartsMetrics: true, startTimeMetrics: true, taskMetrics: true };

test("the page of a fake systemd is node_exporter's, byte for byte", async () => {
  const { lines, success } = await page(allMetrics);
  expect(success).toBe('node_scrape_collector_success{collector="systemd"} 1');
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../../../fixtures/host-tier3/systemd.prom");
});

test("without the options their families are absent, and nothing is asked for them", async () => {
  const plain = await page();
  const names = new Set(plain.lines.map((line) => line.replace(/[{ ].*/, "")));
  expect([...names]).toEqual([
    "node_systemd_socket_accepted_connections_total",
    "node_systemd_socket_current_connections",
    "node_systemd_socket_refused_connections_total",
    "node_systemd_system_running",
    "node_systemd_timer_last_trigger_seconds",
    "node_systemd_unit_state",
    "node_systemd_units",
    "node_systemd_version",
    "node_systemd_virtualization_info",
  ]);
  expect((await page(allMetrics)).calls).toBeGreaterThan(plain.calls);
});

test("mounts that are asked for tell their type", async () => {
  const { lines } = await page({ unit: nameFilter(/^mnt-/, undefined) });
  expect(lines).toContain('node_systemd_unit_state{name="mnt-data.mount",state="active",type="ext4"} 1');
});

test("an old systemd has no state of the system and no times of timers", async () => {
  const { lines, success } = await page({}, { Version: ["s", "systemd 208"] });
  expect(lines.filter((line) => /system_running|last_trigger/.test(line))).toEqual([]);
  expect(lines).toContain('node_systemd_version{version="systemd 208"} 208');
  expect(success).toMatch(/ 1$/);
});

test("bare metal is no virtualization; a version without a number is none", async () => {
  const { lines } = await page({}, { Virtualization: ["s", ""], Version: ["s", "v9"] });
  expect(lines).toContain('node_systemd_virtualization_info{virtualization_type="none"} 1');
  expect(lines).toContain('node_systemd_version{version=""} 0');
});

test("a host without a bus has no success and one line in the log", async () => {
  const { exporter, logged } = fixtureExporter(["systemd"], { clock: systemClock });
  await exporter.gather({});
  expect(await gathered(exporter)).toContain('node_scrape_collector_success{collector="systemd"} 0');
  exporter.close();
  expect(logged).toEqual([
    'warn collector failed {"collector":"systemd","error":"cannot connect to the system bus: connect ENOENT /nowhere/system_bus_socket"}',
  ]);
});
