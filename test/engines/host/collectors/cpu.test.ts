import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { fixture, fixtureExporter, fixtureFiles, gathered, plainOptions } from "../fixture-host.ts";

test("guest time can be left out", async () => {
  const { exporter } = fixtureExporter(["cpu"], {}, { cpu: { ...plainOptions.cpu, guest: false } });
  expect(await gathered(exporter, "node_cpu_guest")).toEqual([]);
  exporter.close();
});

test("seconds never go down from one scrape to the next", async () => {
  using dir = tempDir();
  const stat = join(dir.path, "stat");
  writeFileSync(stat, "cpu0 100 0 0 500 300\n");
  const { exporter } = fixtureExporter(["cpu"], { files: fixtureFiles({ procfs: dir.path }) });
  await exporter.gather({});
  writeFileSync(stat, "cpu0 200 0 0 499 299\n");
  expect(await gathered(exporter, "node_cpu_seconds_total")).toEqual([
    'node_cpu_seconds_total{cpu="0",mode="idle"} 5',
    'node_cpu_seconds_total{cpu="0",mode="iowait"} 3',
    'node_cpu_seconds_total{cpu="0",mode="irq"} 0',
    'node_cpu_seconds_total{cpu="0",mode="nice"} 0',
    'node_cpu_seconds_total{cpu="0",mode="softirq"} 0',
    'node_cpu_seconds_total{cpu="0",mode="steal"} 0',
    'node_cpu_seconds_total{cpu="0",mode="system"} 0',
    'node_cpu_seconds_total{cpu="0",mode="user"} 2',
  ]);
  exporter.close();
});

test("without the first CPU's switch there is no family of CPUs that are online", async () => {
  using dir = tempDir();
  cpSync(join(fixture, "sys"), dir.path, { recursive: true });
  rmSync(join(dir.path, "devices/system/cpu/cpu0/online"));
  const { exporter } = fixtureExporter(["cpu"], { files: fixtureFiles({ sysfs: dir.path }) });
  expect(await gathered(exporter, "node_cpu_online")).toEqual([]);
  exporter.close();
});

test("a CPU without throttle counts leaves its core to the next one", async () => {
  using dir = tempDir();
  cpSync(join(fixture, "sys"), dir.path, { recursive: true });
  rmSync(join(dir.path, "devices/system/cpu/cpu0/thermal_throttle"), { recursive: true });
  rmSync(join(dir.path, "devices/system/cpu/cpu2/topology"), { recursive: true });
  const { exporter } = fixtureExporter(["cpu"], { files: fixtureFiles({ sysfs: dir.path }) });
  expect(await gathered(exporter, "node_cpu_core_throttles_total")).toEqual([
    'node_cpu_core_throttles_total{core="0",package="0"} 6',
    'node_cpu_core_throttles_total{core="1",package="0"} 8',
  ]);
  expect(await gathered(exporter, "node_cpu_package_throttles_total")).toEqual([
    'node_cpu_package_throttles_total{package="0"} 31',
  ]);
  exporter.close();
});

test("four thousand CPUs have eight modes each", async () => {
  using dir = tempDir();
  const cpus = Array.from({ length: 4000 }, (_none, cpu) => `cpu${cpu} ${cpu} 0 0 500 300 0 0 0 0 0\n`);
  const interrupts = `intr ${Array.from({ length: 20_000 }, (_none, at) => at).join(" ")}\n`;
  writeFileSync(join(dir.path, "stat"), `cpu  1 0 0 5 3 0 0 0 0 0\n${cpus.join("")}${interrupts}ctxt 5\n`);
  const { exporter } = fixtureExporter(["cpu", "stat"], { files: fixtureFiles({ procfs: dir.path }) });
  const lines = await gathered(exporter, "node_cpu_seconds_total");
  expect(lines).toHaveLength(4000 * 8);
  expect(lines).toContain('node_cpu_seconds_total{cpu="3999",mode="user"} 39.99');
  expect(await gathered(exporter, "node_context_switches_total")).toEqual(["node_context_switches_total 5"]);
  exporter.close();
});
