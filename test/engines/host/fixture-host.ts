import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { FileSystemStats, Host } from "../../../src/engines/host/collector.ts";
import { collectors } from "../../../src/engines/host/collectors.ts";
import { HelperPrograms } from "../../../src/engines/host/helper-programs.ts";
import { HostExporter } from "../../../src/engines/host/host-exporter.ts";
import { HostFiles, type HostPaths } from "../../../src/engines/host/host-files.ts";
import type { HostOptions } from "../../../src/engines/host/options.ts";
import { renderFamilies } from "../../../src/formats/exposition/render.ts";
import type { Logger } from "../../../src/lib/logger.ts";
import { nameFilter } from "../../../src/lib/name-filter.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** A machine of our own invention: four CPUs, of which two are isolated and one is offline, and an odd lot of mounts. */
export const fixture = join(import.meta.dirname, "../../fixtures/host");

/**
 * Another one: a bare-metal server with RAID, bonds, NVMe, sensors, ZFS, btrfs, XFS, NFS on both ends, IPVS and two NUMA
 * nodes. A real node_exporter reads it too, in test/system/.
 */
export const metalFixture = join(import.meta.dirname, "../../fixtures/host-metal");

/** A third one, on which as much as possible is malformed, missing or as an old kernel has it. */
export const oddFixture = join(import.meta.dirname, "../../fixtures/host-odd");

/** The collectors that read nothing but files (and ask for statfs and uname, of which there is a fake). */
export const fileCollectors = (
  "arp bonding btrfs buddyinfo cgroups conntrack cpu cpu_vulnerabilities cpufreq diskstats dmi edac entropy filefd " +
  "filesystem hwmon interrupts ipvs kernel_hung ksmd loadavg mdadm meminfo meminfo_numa mountstats netclass netdev " +
  "netstat nfs nfsd nvme os powersupplyclass pressure processes rapl schedstat selinux slabinfo sockstat softirqs " +
  "softnet stat swap sysctl tcpstat textfile thermal_zone time udp_queues uname vmstat watchdog xfs zfs zoneinfo"
).split(" ");

export const someStats: FileSystemStats = {
  bsize: 4096,
  blocks: 1000,
  bfree: 600,
  bavail: 550,
  files: 300,
  ffree: 200,
};

const everything = nameFilter(undefined, undefined);

export const plainOptions: HostOptions = {
  cpu: { guest: true, info: false, frequency: true, flagsInclude: undefined, bugsInclude: undefined },
  bcache: { priorityStats: false },
  ethtool: { device: everything, metric: everything },
  infiniband: { device: everything },
  ntp: { server: "127.0.0.1", port: 123, version: 4, ttl: 1, offsetToleranceMs: 1, maxDistanceMs: 3466 },
  pcidevice: { names: false, idsFile: undefined },
  qdisc: { device: everything },
  runit: { serviceDir: "/etc/service" },
  supervisord: { url: "http://localhost:9001/RPC2" },
  tapestats: { device: everything },
  diskstats: { device: everything },
  filesystem: { mountTimeoutMs: 5000, mountPoint: everything, fsType: everything },
  arp: { device: everything },
  hwmon: { chip: everything, sensor: everything },
  interrupts: { name: everything, includeZeros: true },
  ipvs: {
    backendLabels: ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"],
  },
  netclass: { device: everything, ignoreInvalidSpeed: false },
  netdev: { device: everything, addressInfo: false, detailedMetrics: false, labelIfalias: false },
  netstat: { field: everything },
  powersupply: { supply: everything },
  rapl: { zoneLabel: false },
  slabinfo: { slab: everything },
  stat: { softirq: false },
  sysctl: { include: [], includeInfo: [] },
  textfile: { directories: [] },
  systemd: {
    unit: everything,
    restartsMetrics: false,
    startTimeMetrics: false,
    taskMetrics: false,
    isPrivate: false,
  },
  vmstat: { field: everything },
};

export function fixtureFiles(paths: Partial<HostPaths> = {}): HostFiles {
  return filesOf(fixture, paths);
}

/** The files of one of the machines, or of some of its folders. */
export function filesOf(machine: string, paths: Partial<HostPaths> = {}): HostFiles {
  return new HostFiles({
    procfs: join(machine, "proc"),
    sysfs: join(machine, "sys"),
    rootfs: join(machine, "rootfs"),
    udevData: join(machine, "udev"),
    ...paths,
  });
}

function fixtureHost(changes: Partial<Host> = {}): Host {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 12));
  return {
    files: fixtureFiles(),
    clock,
    helpers: new HelperPrograms(clock, () => 0.5, process.env.PATH),
    systemBusAddress: "unix:path=/nowhere/system_bus_socket",
    statfs: () => Promise.resolve(someStats),
    uname: () => ({
      sysname: "Linux",
      release: "6.12.9-amd64",
      version: "#1 SMP Example 6.12.9",
      machine: "x86_64",
      nodename: "winter",
      domainname: "(none)",
    }),
    pageSize: () => 4096,
    networkInterfaces: () => ({}),
    localZone: () => undefined,
    ...changes,
  };
}

/** An exporter of these collectors, and what it logs. */
export function fixtureExporter(
  names: readonly string[],
  changes: Partial<Host> = {},
  options: Partial<HostOptions> = {},
): { exporter: HostExporter; logged: string[] } {
  const logged: string[] = [];
  const log = (level: string) => (message: string, fields?: object) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const exporter = new HostExporter({
    host: fixtureHost(changes),
    options: { ...plainOptions, ...options },
    enabled: collectors.filter(({ name }) => names.includes(name)),
    runtime: { arch: "x64", platform: "linux", version: "v24.0.0" },
    log: logger,
  });
  return { exporter, logged };
}

/** The page's series, or with a prefix those of such names, in the page's order. */
export async function gathered(exporter: HostExporter, prefix = ""): Promise<string[]> {
  const families = await exporter.gather({});
  return renderFamilies(families)
    .split("\n")
    .filter((line) => !line.startsWith("#") && line.startsWith(prefix) && line !== "");
}

/** How many descriptors of this process lead into a folder. */
export function openBelow(path: string): number {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.startsWith(`${path}/`)).length;
}
