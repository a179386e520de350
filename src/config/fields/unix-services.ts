import { isIP } from "node:net";
import { z } from "zod";
import { duration } from "../fields.ts";
import { filterFields, notBoth, pattern } from "./pattern.ts";

/** Settings of the collectors of services and special hardware. */

const unitExclude = ".+\\.(automount|device|mount|scope|slice)";

const systemd = z.strictObject({
  unit_include: pattern
    .default(".+")
    .describe("Only these units. Matches the whole name, as `unit_exclude` does.")
    .meta({ flag: { formerly: ["collector.systemd.unit-whitelist"] } }),
  unit_exclude: pattern
    .default(unitExclude)
    .describe("Not these units.")
    .meta({ flag: { formerly: ["collector.systemd.unit-blacklist"] } }),
  enable_restarts: z
    .boolean()
    .default(false)
    .describe("How often services were restarted, `node_systemd_service_restart_total`.")
    .meta({ flag: { name: "collector.systemd.enable-restarts-metrics" } }),
  start_time: z
    .boolean()
    .default(false)
    .describe("When units became active, `node_systemd_unit_start_time_seconds`.")
    .meta({ flag: { name: "collector.systemd.enable-start-time-metrics" } }),
  task_metrics: z
    .boolean()
    .default(false)
    .describe("Tasks of services, `node_systemd_unit_tasks_current` and `_max`.")
    .meta({ flag: { name: "collector.systemd.enable-task-metrics" } }),
  private: z
    .boolean()
    .default(false)
    .describe("Asks systemd by its own socket instead of the system bus; needs root, and is meant for tests.")
    .meta({ flag: { isHidden: true } }),
});

const ntp = z
  .strictObject({
    server: z.string().default("127.0.0.1").describe("NTP server of this host."),
    server_port: z.int().min(1).max(65_535).default(123).describe("UDP port of the server."),
    protocol_version: z.int().min(2).max(4).default(4).describe("Version of the protocol."),
    ip_ttl: z.int().min(1).max(255).default(1).describe("How many routers a question may pass."),
    server_is_local: z
      .boolean()
      .default(false)
      .describe("States that `server` is this host, though it is not a loopback address."),
    local_offset_tolerance: duration
      .prefault("1ms")
      .describe("By how much the clocks of server and host may differ for `node_ntp_sanity` to be 1."),
    max_distance: duration
      .optional()
      .describe("Largest distance from the root for `node_ntp_sanity` to be 1; 3.46608 s if left out."),
  })
  .refine(({ server, server_is_local }) => server_is_local || isLoopback(server), {
    path: ["server"],
    error: "must be a loopback address such as 127.0.0.1, or set server_is_local",
  });

const supervisorUrl = z.string().refine(isHttpOrUnix, "must be http://host:port/RPC2 or unix:///path/of/socket");

const qdiscFilter = filterFields("device", "network devices");

export const unixServices = {
  bcache: z
    .strictObject({
      priority_stats: z
        .boolean()
        .default(false)
        .describe("`node_bcache_priority_stats_*`, for which the kernel sorts all buckets.")
        .meta({ flag: { name: "collector.bcache.priorityStats" } }),
    })
    .prefault({})
    .describe("Settings of the collector bcache."),
  ethtool: z
    .strictObject({
      ...filterFields("device", "network devices"),
      metrics_include: pattern.default(".*").describe("Only these of the driver's counters, by their own names."),
    })
    .refine(...notBoth("device"))
    .prefault({})
    .describe("Settings of the collector ethtool."),
  infiniband: z
    .strictObject(filterFields("device", "InfiniBand devices"))
    .refine(...notBoth("device"))
    .prefault({})
    .describe("Settings of the collector infiniband."),
  ntp: ntp.prefault({}).describe("Settings of the collector ntp."),
  pcidevice: z
    .strictObject({
      names: z.boolean().default(false).describe("Labels with names of vendors and devices, from the file pci.ids."),
      ids_file: z
        .string()
        .optional()
        .describe("Where pci.ids is; without it, where distributions put it.")
        .meta({ flag: { name: "collector.pcidevice.idsfile" } }),
    })
    .prefault({})
    .describe("Settings of the collector pcidevice."),
  qdisc: z
    .strictObject({
      device_include: qdiscFilter.device_include.meta({ flag: { formerly: ["collector.qdisk.device-include"] } }),
      device_exclude: qdiscFilter.device_exclude.meta({ flag: { formerly: ["collector.qdisk.device-exclude"] } }),
    })
    .refine(...notBoth("device"))
    .prefault({})
    .describe("Settings of the collector qdisc."),
  runit: z
    .strictObject({
      service_dir: z
        .string()
        .default("/etc/service")
        .describe("Where runit's services are.")
        .meta({ flag: { name: "collector.runit.servicedir" } }),
    })
    .prefault({})
    .describe("Settings of the collector runit."),
  supervisord: z
    .strictObject({
      url: supervisorUrl.default("http://localhost:9001/RPC2").describe("Where supervisord takes XML-RPC."),
    })
    .prefault({})
    .describe("Settings of the collector supervisord."),
  systemd: systemd.prefault({}).describe("Settings of the collector systemd."),
  tapestats: z
    .strictObject({ ignored_devices: pattern.default("^$").describe("Not these tape drives.") })
    .prefault({})
    .describe("Settings of the collector tapestats."),
};

function isLoopback(server: string): boolean {
  return (isIP(server) === 4 && server.startsWith("127.")) || server === "::1";
}

function isHttpOrUnix(url: string): boolean {
  return URL.canParse(url) && ["http:", "unix:"].includes(new URL(url).protocol);
}
