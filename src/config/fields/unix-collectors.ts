import { z } from "zod";
import { positiveDuration } from "../fields.ts";
import { filterFields, notBoth, pattern } from "./pattern.ts";

/** node_exporter's own defaults. */
const netstatFields =
  "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|" +
  "TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|" +
  "Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|" +
  "Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";
const vmstatFields = "^(oom_kill|pgpg|pswp|pg.*fault).*";
export const diskExclude = "^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$";
export const mountPointsExclude =
  "^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)";
export const fsTypesExclude =
  "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|" +
  "proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$";

const cpu = z.strictObject({
  guest: z.boolean().default(true).describe("Time spent in guests, `node_cpu_guest_seconds_total`."),
  info: z
    .boolean()
    .default(false)
    .describe("What `/proc/cpuinfo` says of each CPU: `node_cpu_info` and its frequency."),
  flags_include: pattern
    .optional()
    .describe("CPU flags to show as `node_cpu_flag_info`. Turns `info` on.")
    .meta({ flag: { name: "collector.cpu.info.flags-include" } }),
  bugs_include: pattern
    .optional()
    .describe("CPU bugs to show as `node_cpu_bug_info`. Turns `info` on.")
    .meta({ flag: { name: "collector.cpu.info.bugs-include" } }),
});

const disk = z
  .strictObject({
    device_include: pattern.optional().describe("Only these disks; in place of the default of `device_exclude`."),
    device_exclude: pattern
      .optional()
      .describe(`Not these disks. Without \`device_include\`: \`${diskExclude}\`.`)
      .meta({ flag: { formerly: ["collector.diskstats.ignored-devices"] } }),
  })
  .refine(...notBoth("device"));

const filesystem = z
  .strictObject({
    mount_timeout: positiveDuration
      .prefault("5s")
      .describe("How long a mount may take to answer.")
      .meta({ flag: { isHidden: true } }),
    mount_points_include: pattern.optional().describe("Only these; in place of the default of `mount_points_exclude`."),
    mount_points_exclude: pattern
      .optional()
      .describe(`Not these mount points. Without \`mount_points_include\`: \`${mountPointsExclude}\`.`)
      .meta({ flag: { formerly: ["collector.filesystem.ignored-mount-points"] } }),
    fs_types_include: pattern.optional().describe("Only these; in place of the default of `fs_types_exclude`."),
    fs_types_exclude: pattern
      .optional()
      .describe(`Not these types of file system. Without \`fs_types_include\`: \`${fsTypesExclude}\`.`)
      .meta({ flag: { formerly: ["collector.filesystem.ignored-fs-types"] } }),
  })
  .refine(...notBoth("mount_points"))
  .refine(...notBoth("fs_types"));

const arp = z
  .strictObject(filterFields("device", "network devices"))
  .refine(...notBoth("device"))
  .prefault({})
  .describe("Settings of the collector arp.");

const hwmon = z
  .strictObject({
    ...filterFields("chip", "chips"),
    ...filterFields("sensor", "sensors, as `chip;sensor`"),
  })
  .refine(...notBoth("chip"))
  .refine(...notBoth("sensor"))
  .prefault({})
  .describe("Settings of the collector hwmon.");

const interrupts = z
  .strictObject({
    ...filterFields("name", "interrupts, as `type;info;devices`"),
    include_zeros: z.boolean().default(true).describe("Interrupts that never came, too."),
  })
  .refine(...notBoth("name"))
  .prefault({})
  .describe("Settings of the collector interrupts.");

const backendLabels = ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"] as const;

const ipvs = z
  .strictObject({
    backend_labels: z
      .array(z.enum(backendLabels))
      .default([...backendLabels])
      .describe("Labels of a backend; those that differ in none of them are summed.")
      .meta({ flag: { separator: "," } }),
  })
  .prefault({})
  .describe("Settings of the collector ipvs.");

const netclass = z
  .strictObject({
    ignored_devices: pattern.default("^$").describe("Not these network devices."),
    ignore_invalid_speed_device: z
      .boolean()
      .default(false)
      .describe("No `node_network_speed_bytes` of a device that does not know its speed, in place of -125000.")
      .meta({ flag: { name: "collector.netclass.ignore-invalid-speed" } }),
  })
  .prefault({})
  .describe("Settings of the collector netclass.");

const netdevFilter = filterFields("device", "network devices");

const netdev = z
  .strictObject({
    device_include: netdevFilter.device_include.meta({ flag: { formerly: ["collector.netdev.device-whitelist"] } }),
    device_exclude: netdevFilter.device_exclude.meta({ flag: { formerly: ["collector.netdev.device-blacklist"] } }),
    address_info: z.boolean().default(false).describe("Addresses of the devices, `node_network_address_info`."),
    enable_detailed_metrics: z
      .boolean()
      .default(false)
      .describe("Every counter of the kernel, in place of the sums that `/proc/net/dev` shows."),
    label_ifalias: z.boolean().default(false).describe("The device's alias as label `ifalias`."),
  })
  .refine(...notBoth("device"))
  .prefault({})
  .describe("Settings of the collector netdev.");

const netstat = z
  .strictObject({ fields: pattern.default(netstatFields).describe("Statistics to export, as `Tcp_InSegs`.") })
  .prefault({})
  .describe("Settings of the collector netstat.");

const powersupply = z
  .strictObject({ ignored_supplies: pattern.default("^$").describe("Not these power supplies.") })
  .prefault({})
  .describe("Settings of the collector powersupplyclass.");

const rapl = z
  .strictObject({
    enable_zone_label: z
      .boolean()
      .default(false)
      .describe("One family `node_rapl_joules_total` with the zone as label, in place of a family for each."),
  })
  .prefault({})
  .describe("Settings of the collector rapl.");

const slabinfo = z
  .strictObject(filterFields("slabs", "slabs"))
  .refine(...notBoth("slabs"))
  .prefault({})
  .describe("Settings of the collector slabinfo.");

const stat = z
  .strictObject({
    softirq: z.boolean().default(false).describe("Soft interrupts by vector, `node_softirqs_total`."),
  })
  .prefault({})
  .describe("Settings of the collector stat.");

const sysctl = z
  .strictObject({
    include: z
      .array(z.string())
      .default([])
      .describe("Sysctls that are numbers: `name`, or `name:key,key` for one with several values."),
    include_info: z.array(z.string()).default([]).describe("Sysctls to show as text, `node_sysctl_info`."),
  })
  .prefault({})
  .describe("Settings of the collector sysctl.");

const textfile = z
  .strictObject({
    directory: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .describe("A folder, or several, or patterns of folders, whose `*.prom` files are read."),
  })
  .prefault({})
  .describe("Settings of the collector textfile.");

const vmstat = z
  .strictObject({ fields: pattern.default(vmstatFields).describe("Fields of `/proc/vmstat` to export.") })
  .prefault({})
  .describe("Settings of the collector vmstat.");

/** Settings of the collectors of the kernel, by their names in the config. */
export const unixCollectors = {
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
};
