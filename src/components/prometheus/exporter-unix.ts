import { statfsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { z } from "zod";
import { defineComponent, type World } from "../../component.ts";
import {
  arp,
  exclusive,
  hwmon,
  interrupts,
  ipvs,
  netclass,
  netdev,
  netstat,
  powersupply,
  rapl,
  re2Pattern,
  slabinfo,
  stat,
  sysctl,
  textfile,
  vmstat,
} from "../../config/fields/unix-collectors.ts";
import { unixServices } from "../../config/fields/unix-services.ts";
import { duration, positiveDuration } from "../../config/fields.ts";
import type { CollectorSpec, Host } from "../../engines/host/collector.ts";
import type { CollectorRun } from "../../engines/host/collector-runner.ts";
import { collectorNames, collectors, selectCollectors } from "../../engines/host/collectors.ts";
import { HelperPrograms } from "../../engines/host/helper-programs.ts";
import { HostExporter } from "../../engines/host/host-exporter.ts";
import { HostFiles } from "../../engines/host/host-files.ts";
import { localZone } from "../../engines/host/local-zone.ts";
import { type HostOptions, type NameFilter, nameFilter } from "../../engines/host/options.ts";
import { pageSize } from "../../engines/host/page-size.ts";
import { portableCollectors } from "../../engines/host/portable/collectors.ts";
import { StatfsChildren } from "../../engines/host/statfs-child.ts";
import { uname } from "../../engines/host/uname.ts";
import type { Logger } from "../../lib/logger.ts";
import { compileRe2 } from "../../lib/re2.ts";
import { systemInformation } from "../../lib/system-information.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { exporterTarget, type Gather } from "../../signals/targets.ts";

/** node_exporter's own defaults. */
const diskExclude = "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$";
const mountPointsExclude = "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";
const fsTypesExclude =
  "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|" +
  "proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$";

const systemBusAddress = "unix:path=/run/dbus/system_bus_socket";

/** Known to upstream, and not here. */
const leftOut: Readonly<Record<string, string>> = {
  perf: "perf is not among Sonde's collectors: it needs perf_event_open(2), which Node cannot call; leave it to node_exporter",
};

const collectorList = z.array(
  z.enum(collectorNames, { error: ({ input }) => (typeof input === "string" ? leftOut[input] : undefined) }),
);

const cpu = z.strictObject({
  guest: z.boolean().default(true).describe("Time spent in guests, `node_cpu_guest_seconds_total`."),
  info: z
    .boolean()
    .default(false)
    .describe("What `/proc/cpuinfo` says of each CPU: `node_cpu_info` and its frequency."),
  flags_include: re2Pattern
    .optional()
    .describe("CPU flags to show as `node_cpu_flag_info`. Turns `info` on.")
    .meta({ flag: { name: "collector.cpu.info.flags-include" } }),
  bugs_include: re2Pattern
    .optional()
    .describe("CPU bugs to show as `node_cpu_bug_info`. Turns `info` on.")
    .meta({ flag: { name: "collector.cpu.info.bugs-include" } }),
});

const disk = z
  .strictObject({
    device_include: re2Pattern.optional().describe("Only these disks; in place of the default of `device_exclude`."),
    device_exclude: re2Pattern
      .optional()
      .describe(`Not these disks. Without \`device_include\`: \`${diskExclude}\`.`)
      .meta({ flag: { formerly: ["collector.diskstats.ignored-devices"] } }),
  })
  .refine((block) => !(block.device_include && block.device_exclude), { path: ["device_exclude"], error: exclusive });

const filesystem = z
  .strictObject({
    mount_timeout: positiveDuration
      .prefault("5s")
      .describe("How long a mount may take to answer.")
      .meta({ flag: { isHidden: true } }),
    mount_points_include: re2Pattern
      .optional()
      .describe("Only these; in place of the default of `mount_points_exclude`."),
    mount_points_exclude: re2Pattern
      .optional()
      .describe(`Not these mount points. Without \`mount_points_include\`: \`${mountPointsExclude}\`.`)
      .meta({ flag: { formerly: ["collector.filesystem.ignored-mount-points"] } }),
    fs_types_include: re2Pattern.optional().describe("Only these; in place of the default of `fs_types_exclude`."),
    fs_types_exclude: re2Pattern
      .optional()
      .describe(`Not these types of file system. Without \`fs_types_include\`: \`${fsTypesExclude}\`.`)
      .meta({ flag: { formerly: ["collector.filesystem.ignored-fs-types"] } }),
  })
  .refine((block) => !(block.mount_points_include && block.mount_points_exclude), {
    path: ["mount_points_exclude"],
    error: exclusive,
  })
  .refine((block) => !(block.fs_types_include && block.fs_types_exclude), {
    path: ["fs_types_exclude"],
    error: exclusive,
  });

const timing = z.strictObject({
  timeout: positiveDuration.optional().describe("In place of `collector_timeout`."),
  interval: duration
    .prefault("0s")
    .describe("Scrapes within this time get the last result again; 0s: it runs at every scrape."),
});

/** Derived from it: validation, documents, and the flags of `sonde node-exporter`. */
export const hostExporterConfig = z.strictObject({
  source: z
    .enum(["procfs", "systeminformation"])
    .optional()
    .describe(
      "Where the figures come from. `procfs`, on Linux, has all collectors. `systeminformation`, elsewhere, has what the " +
        "system tells of CPUs, memory, disks (all together), file systems, network, load, time and uname.",
    ),
  procfs_path: z
    .string()
    .default("/proc")
    .describe("Where procfs is mounted.")
    .meta({ flag: { name: "path.procfs" } }),
  sysfs_path: z
    .string()
    .default("/sys")
    .describe("Where sysfs is mounted.")
    .meta({ flag: { name: "path.sysfs" } }),
  rootfs_path: z
    .string()
    .default("/")
    .describe("Where the host's root is; it is cut off the label `mountpoint`.")
    .meta({ flag: { name: "path.rootfs" } }),
  udev_data_path: z
    .string()
    .default("/run/udev/data")
    .describe("Where udev keeps what it knows of disks.")
    .meta({ flag: { name: "path.udev.data" } }),
  set_collectors: collectorList.optional().describe("Collectors that run, in place of those that are on by default."),
  enable_collectors: collectorList.default([]).describe("Collectors that run besides."),
  disable_collectors: collectorList.default([]).describe("Collectors that do not run; wins over the other two lists."),
  collector_timeout: positiveDuration
    .prefault("8s")
    .describe("How long a collector may take. One that takes longer has failed, and the others are shown without it."),
  collectors: z
    .partialRecord(z.enum(collectorNames), timing)
    .default({})
    .describe("By the name of a collector: how often it runs, and how long it may take."),
  cpu: cpu.prefault({}).describe("Settings of the collector cpu."),
  disk: disk
    .prefault({})
    .describe("Settings of the collector diskstats.")
    .meta({ flag: { name: "collector.diskstats" } }),
  filesystem: filesystem.prefault({}).describe("Settings of the collector filesystem."),
  arp,
  hwmon,
  interrupts,
  ipvs,
  netclass,
  netdev,
  netstat,
  powersupply,
  rapl,
  slabinfo,
  stat,
  sysctl,
  textfile,
  vmstat,
  ...unixServices,
});

type Config = z.output<typeof hostExporterConfig>;

export const prometheusExporterUnix = defineComponent({
  type: "prometheus.exporter.unix",
  summary: "Offers the host's metrics as a target: node_exporter, in this process.",
  description:
    "Names, labels, types, help texts and values are those of node_exporter 1.12.1. Patterns are RE2 and match anywhere " +
    "in the name. The collectors systemd and logind ask the system bus. timex runs perl (or python3) beside the agent, " +
    "and ethtool, network_route, qdisc and wifi run `ethtool`, `ip`, `tc` and `iw`: where the program is missing, the " +
    "collector reports success 0 and one line in the log says what to install. perf is left out.",
  emits: "targets",
  config: hostExporterConfig,
  example: `
prometheus.exporter.unix.host:
  disable_collectors: [uname]
  filesystem:
    mount_points_exclude: ^/(dev|proc|run|sys)($|/)

prometheus.expose.local:
  targets: [prometheus.exporter.unix.host]
`,

  create(config, { id, output, world, log, setHealth }) {
    const exporter = createHostExporter(config, world, log);
    const gather: Gather = async (query) => {
      const families = await exporter.gather(query);
      const reason = totalFailure(exporter.lastRuns());
      if (reason === undefined) setHealth("healthy");
      else setHealth("unhealthy", reason);
      return families;
    };
    const target = exporterTarget(id, "unix", world.hostname, gather);

    return {
      async run(stop) {
        await output.receive([{ source: id, targets: [target] }]);
        await untilAborted(stop);
        exporter.close();
      },
      debug: () => ({ collectors: exporter.lastRuns().map(shown) }),
    };
  },
});

/** Where nobody says another, Linux has a /proc and the others have not. */
export function readsProcfs({ source }: Config): boolean {
  return source === undefined ? process.platform === "linux" : source === "procfs";
}

/** The engine behind the component, for those who serve it without a graph. */
export function createHostExporter(config: Config, world: Pick<World, "clock" | "random">, log: Logger): HostExporter {
  const enabled = selectCollectors(
    { set: config.set_collectors, enable: config.enable_collectors, disable: config.disable_collectors },
    readsProcfs(config) ? collectors : portableCollectors(systemInformation),
  );
  return new HostExporter({
    host: hostOf(config, world),
    options: optionsOf(config, enabled),
    enabled,
    timing: (name) => ({
      timeoutMs: config.collectors[name]?.timeout ?? config.collector_timeout,
      intervalMs: config.collectors[name]?.interval ?? 0,
    }),
    runtime: process,
    log,
  });
}

function hostOf(
  { procfs_path, sysfs_path, rootfs_path, udev_data_path }: Config,
  { clock, random }: Pick<World, "clock" | "random">,
): Host {
  const apart = new StatfsChildren(statfs);
  return {
    files: new HostFiles({
      procfs: procfs_path,
      sysfs: sysfs_path,
      rootfs: rootfs_path,
      udevData: udev_data_path,
    }),
    clock,
    statfs,
    statfsNow: statfsSync,
    statfsApart: apart.statfs,
    close: () => apart.close(),
    uname,
    pageSize,
    networkInterfaces,
    localZone: () => localZone(process.env.TZ),
    helpers: new HelperPrograms(clock, random, process.env.PATH, process.env.SONDE_CLOCK_SOCKET),
    systemBusAddress: process.env.DBUS_SYSTEM_BUS_ADDRESS || systemBusAddress,
  };
}

function optionsOf(config: Config, enabled: readonly CollectorSpec[]): HostOptions {
  const { arp, cpu, disk, filesystem, hwmon, interrupts, ipvs, netclass, netdev, netstat } = config;
  const { powersupply, rapl, slabinfo, stat, sysctl, textfile, vmstat } = config;
  const { flags_include, bugs_include } = cpu;
  return {
    arp: { device: filter(arp.device_include, arp.device_exclude) },
    cpu: {
      guest: cpu.guest,
      info: cpu.info || flags_include !== undefined || bugs_include !== undefined,
      frequency: enabled.some(({ name }) => name === "cpufreq"),
      flagsInclude: flags_include === undefined ? undefined : compileRe2(flags_include),
      bugsInclude: bugs_include === undefined ? undefined : compileRe2(bugs_include),
    },
    diskstats: { device: filter(disk.device_include, disk.device_exclude, diskExclude) },
    filesystem: {
      mountTimeoutMs: filesystem.mount_timeout,
      mountPoint: filter(filesystem.mount_points_include, filesystem.mount_points_exclude, mountPointsExclude),
      fsType: filter(filesystem.fs_types_include, filesystem.fs_types_exclude, fsTypesExclude),
    },
    hwmon: {
      chip: filter(hwmon.chip_include, hwmon.chip_exclude),
      sensor: filter(hwmon.sensor_include, hwmon.sensor_exclude),
    },
    interrupts: {
      name: filter(interrupts.name_include, interrupts.name_exclude),
      includeZeros: interrupts.include_zeros,
    },
    ipvs: { backendLabels: ipvs.backend_labels },
    netclass: {
      device: filter(undefined, netclass.ignored_devices),
      ignoreInvalidSpeed: netclass.ignore_invalid_speed_device,
    },
    netdev: {
      device: filter(netdev.device_include, netdev.device_exclude),
      addressInfo: netdev.address_info,
      detailedMetrics: netdev.enable_detailed_metrics,
      labelIfalias: netdev.label_ifalias,
    },
    netstat: { field: filter(netstat.fields, undefined) },
    powersupply: { supply: filter(undefined, powersupply.ignored_supplies) },
    rapl: { zoneLabel: rapl.enable_zone_label },
    slabinfo: { slab: filter(slabinfo.slabs_include, slabinfo.slabs_exclude) },
    stat,
    sysctl: { include: sysctl.include, includeInfo: sysctl.include_info },
    textfile: { directories: [textfile.directory].flat() },
    vmstat: { field: filter(vmstat.fields, undefined) },
    ...serviceOptions(config),
  };
}

type ServiceOptions = Pick<HostOptions, keyof typeof unixServices>;

function serviceOptions(config: Config): ServiceOptions {
  const { bcache, ethtool, infiniband, ntp, pcidevice, qdisc, runit, supervisord, systemd, tapestats } = config;
  const devices = (block: { device_include?: string | undefined; device_exclude?: string | undefined }) =>
    filter(block.device_include, block.device_exclude, "");
  const wholeName = (source: string) => (source === "" ? "" : `^(?:${source})$`);
  return {
    bcache: { priorityStats: bcache.priority_stats },
    ethtool: { device: devices(ethtool), metric: filter(ethtool.metrics_include, undefined, "") },
    infiniband: { device: devices(infiniband) },
    ntp: {
      server: ntp.server,
      port: ntp.server_port,
      version: ntp.protocol_version,
      ttl: ntp.ip_ttl,
      offsetToleranceMs: ntp.local_offset_tolerance,
      maxDistanceMs: ntp.max_distance ?? 3466.08,
    },
    pcidevice: { names: pcidevice.names, idsFile: pcidevice.ids_file },
    qdisc: { device: devices(qdisc) },
    runit: { serviceDir: runit.service_dir },
    supervisord,
    systemd: {
      unit: filter(wholeName(systemd.unit_include), wholeName(systemd.unit_exclude), ""),
      restartsMetrics: systemd.enable_restarts,
      startTimeMetrics: systemd.start_time,
      taskMetrics: systemd.task_metrics,
      isPrivate: systemd.private,
    },
    tapestats: { device: filter(undefined, tapestats.ignored_devices, "") },
  };
}

/** An empty pattern is none, as with node_exporter's flags. */
function filter(include: string | undefined, exclude: string | undefined, defaultExclude = ""): NameFilter {
  const excluded = exclude ?? (include ? "" : defaultExclude);
  return nameFilter(include ? compileRe2(include) : undefined, excluded ? compileRe2(excluded) : undefined);
}

/** Some collectors fail on some hosts for good reasons; when all do, what was configured cannot be right. */
function totalFailure(runs: readonly CollectorRun[]): string | undefined {
  const failure = runs[0]?.failure;
  if (failure === undefined || runs.some((run) => run.failure === undefined)) return undefined;
  return `no collector succeeds, the first says: ${failure}; check procfs_path and sysfs_path`;
}

function shown({ collector, durationSeconds, failure }: CollectorRun): object {
  return { collector, success: failure === undefined, duration_seconds: durationSeconds, ...(failure && { failure }) };
}
