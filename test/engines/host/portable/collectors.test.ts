import { expect, test } from "vitest";
import { createHostExporter, hostExporterConfig } from "../../../../src/components/prometheus/exporter-unix.ts";
import { systemClock } from "../../../../src/lib/clock.ts";
import type { Labels } from "../../../../src/signals/labels.ts";
import type { MetricFamily } from "../../../../src/signals/metric-family.ts";

const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** This machine by one of its sources, family by name. */
async function families(source: "procfs" | "systeminformation"): Promise<Map<string, MetricFamily>> {
  const names = ["cpu", "diskstats", "filesystem", "loadavg", "meminfo", "netdev", "stat", "time", "uname"];
  const config = hostExporterConfig.parse({ source, set_collectors: names });
  const exporter = createHostExporter(config, { clock: systemClock, random: Math.random }, log);
  const gathered = await exporter.gather({});
  exporter.close();
  return new Map(gathered.map((family) => [family.name, family]));
}

/** The sum of the series that have these labels. */
function sum(families: Map<string, MetricFamily>, name: string, ...wanted: string[]): number {
  const has = (labels: Labels) =>
    wanted.every(
      (text, at) =>
        at % 2 === 1 ||
        labels.some((label, index) => index % 2 === 0 && label === text && labels[index + 1] === wanted[at + 1]),
    );
  const samples = families.get(name)?.samples.filter(({ labels }) => has(labels)) ?? [];
  if (samples.length === 0) throw new Error(`there is no ${name} ${wanted.join(" ")}`);
  return samples.reduce((total, { value }) => total + value, 0);
}

function mountPoints(families: Map<string, MetricFamily>): string[] {
  return families.get("node_filesystem_size_bytes")?.samples.map(({ labels }) => labels.at(-1) ?? "") ?? [];
}

test("its families are a part of those that /proc gives, with the same HELP, TYPE and label names", async () => {
  const [theirs, ours] = await Promise.all([families("procfs"), families("systeminformation")]);
  expect([...ours.keys()].filter((name) => !theirs.has(name))).toEqual([]);
  expect(ours.size).toBeGreaterThan(25);
  const shape = ({ help, type, samples }: MetricFamily) => ({
    help,
    type,
    labels: samples[0]?.labels.filter((_, at) => at % 2 === 0),
  });
  for (const [name, family] of ours) expect(shape(family), name).toEqual(shape(theirs.get(name)!));
});

test("its values are those of /proc", async () => {
  const before = await families("procfs");
  const ours = await families("systeminformation");
  const after = await families("procfs");
  /** Between what /proc said before and after, give or take a share. */
  const f = (slack: number, name: string, ...labels: string[]) => {
    const [low, high] = [sum(before, name, ...labels), sum(after, name, ...labels)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    const got = sum(ours, name, ...labels);
    expect(got, `${name} ${labels.join(" ")}`).toBeGreaterThanOrEqual(low * (1 - slack) - 1);
    expect(got, `${name} ${labels.join(" ")}`).toBeLessThanOrEqual(high * (1 + slack) + 1);
  };
  for (const mode of ["user", "system", "idle"]) f(0, "node_cpu_seconds_total", "mode", mode);
  f(0, "node_cpu_seconds_total", "cpu", "0", "mode", "user");
  f(0, "node_memory_MemTotal_bytes");
  for (const field of ["MemFree", "MemAvailable", "Buffers", "Cached", "Slab"]) f(0.1, `node_memory_${field}_bytes`);
  f(0, "node_memory_SwapTotal_bytes");
  for (const mountPoint of mountPoints(ours).filter((one) => mountPoints(before).includes(one))) {
    f(0, "node_filesystem_size_bytes", "mountpoint", mountPoint);
    f(0.05, "node_filesystem_avail_bytes", "mountpoint", mountPoint);
    f(0.05, "node_filesystem_free_bytes", "mountpoint", mountPoint);
    f(0, "node_filesystem_readonly", "mountpoint", mountPoint);
  }
  f(0, "node_network_receive_bytes_total", "device", "lo");
  f(0, "node_network_transmit_errs_total", "device", "lo");
  f(0.2, "node_load1");
  f(0, "node_boot_time_seconds");
  f(0, "node_time_seconds");
  expect(ours.get("node_uname_info")?.samples).toEqual(before.get("node_uname_info")?.samples);
});

test("disks are counted together", async () => {
  const before = await families("procfs");
  const ours = await families("systeminformation");
  const after = await families("procfs");
  for (const name of ["node_disk_reads_completed_total", "node_disk_written_bytes_total"]) {
    expect(ours.get(name)?.samples.map(({ labels }) => labels)).toEqual([["device", "all"]]);
    // systeminformation remembers its answer for half a second.
    expect(sum(ours, name)).toBeGreaterThanOrEqual(sum(before, name) * 0.95);
    expect(sum(ours, name)).toBeLessThanOrEqual(sum(after, name));
  }
});
