import type { z } from "zod";
import { type NameFilter, nameFilter } from "../../lib/name-filter.ts";
import { compileRe2 } from "../../lib/re2.ts";
import { diskExclude, fsTypesExclude, mountPointsExclude, type unixCollectors } from "./unix-collectors.ts";
import type { unixServices } from "./unix-services.ts";

type Blocks = typeof unixCollectors & typeof unixServices;
type Settings = { readonly [Name in keyof Blocks]: z.output<Blocks[Name]> };

/** What the config says of collectors, in the terms of engines/host; upstream tells of frequencies where cpufreq runs. */
export function unixOptions(config: Settings, isFrequencyShown: boolean) {
  const { arp, cpu, disk, filesystem, hwmon, interrupts, ipvs, netclass, netdev, netstat } = config;
  const { powersupply, rapl, slabinfo, stat, sysctl, textfile, vmstat } = config;
  const { flags_include, bugs_include } = cpu;
  return {
    arp: { device: filter(arp.device_include, arp.device_exclude) },
    cpu: {
      guest: cpu.guest,
      info: cpu.info || flags_include !== undefined || bugs_include !== undefined,
      frequency: isFrequencyShown,
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

function serviceOptions(config: Settings) {
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
