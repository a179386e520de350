import { statfs } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { selectCollectors } from "../../src/engines/host/collectors.ts";
import { HelperPrograms } from "../../src/engines/host/helper-programs.ts";
import { HostExporter } from "../../src/engines/host/host-exporter.ts";
import { HostFiles } from "../../src/engines/host/host-files.ts";
import { localZone } from "../../src/engines/host/local-zone.ts";

import { pageSize } from "../../src/engines/host/page-size.ts";
import { uname } from "../../src/engines/host/uname.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { nameFilter } from "../../src/lib/name-filter.ts";

const warmUp = 200;
const rounds = 5;
const gathersPerRound = 200;

/** What one gathering of this host's metrics costs in CPU (user and system), with the default collectors. */
export async function bench(): Promise<void> {
  const exporter = thisHost();
  let series = 0;
  for (let n = 0; n < warmUp; n++) {
    const families = await exporter.gather({});
    series = families.reduce((sum, { samples }) => sum + samples.length, 0);
  }
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let n = 0; n < gathersPerRound; n++) await exporter.gather({});
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000 / gathersPerRound);
  }
  exporter.close();
  costs.sort((a, b) => a - b);
  const slowest = exporter.lastRuns().sort((a, b) => b.durationSeconds - a.durationSeconds);
  console.log(
    `host: ${costs[rounds >> 1]!.toFixed(2)} CPU ms per gather of ${series} series ` +
      `(${costs[0]!.toFixed(2)} to ${costs.at(-1)!.toFixed(2)}); last one, in ms: ` +
      slowest.map(({ collector, durationSeconds }) => `${collector} ${(durationSeconds * 1000).toFixed(2)}`).join(", "),
  );
}

function thisHost(): HostExporter {
  const all = nameFilter(undefined, undefined);
  const quiet = () => {};
  return new HostExporter({
    host: {
      files: new HostFiles({ procfs: "/proc", sysfs: "/sys", rootfs: "/", udevData: "/run/udev/data" }),
      clock: systemClock,
      statfs,
      uname,
      pageSize,
      networkInterfaces,
      localZone: () => localZone(process.env.TZ),
      helpers: new HelperPrograms(systemClock, Math.random, process.env.PATH),
      systemBusAddress: "",
    },
    options: {
      cpu: { guest: true, info: false, frequency: true, flagsInclude: undefined, bugsInclude: undefined },
      bcache: { priorityStats: false },
      ethtool: { device: all, metric: all },
      infiniband: { device: all },
      ntp: { server: "127.0.0.1", port: 123, version: 4, ttl: 1, offsetToleranceMs: 1, maxDistanceMs: 3466 },
      pcidevice: { names: false, idsFile: undefined },
      qdisc: { device: all },
      runit: { serviceDir: "/etc/service" },
      supervisord: { url: "http://localhost:9001/RPC2" },
      tapestats: { device: all },
      diskstats: { device: nameFilter(undefined, /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/) },
      filesystem: {
        mountTimeoutMs: 5000,
        mountPoint: nameFilter(undefined, /^\/(dev|proc|sys)($|\/)/),
        fsType: nameFilter(undefined, /^(cgroup2?|devpts|devtmpfs|overlay|proc|sysfs|tracefs)$/),
      },
      arp: { device: all },
      hwmon: { chip: all, sensor: all },
      interrupts: { name: all, includeZeros: true },
      ipvs: { backendLabels: ["local_address", "remote_address", "proto"] },
      netclass: { device: all, ignoreInvalidSpeed: false },
      netdev: { device: all, addressInfo: false, detailedMetrics: false, labelIfalias: false },
      netstat: { field: nameFilter(/^(.*_(InErrors|InErrs)|Tcp_.*|Ip(6|Ext)_(InOctets|OutOctets))$/, undefined) },
      powersupply: { supply: all },
      rapl: { zoneLabel: false },
      slabinfo: { slab: all },
      stat: { softirq: false },
      sysctl: { include: [], includeInfo: [] },
      textfile: { directories: [] },
      systemd: {
        unit: all,
        restartsMetrics: false,
        startTimeMetrics: false,
        taskMetrics: false,
        isPrivate: false,
      },
      vmstat: { field: nameFilter(/^(oom_kill|pgpg|pswp|pg.*fault).*/, undefined) },
    },
    enabled: selectCollectors({ enable: [], disable: [] }),
    runtime: process,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
}
