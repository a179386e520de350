import { z } from "zod";
import { describeError } from "../../lib/errors.ts";
import { compileRe2 } from "../../lib/re2.ts";

/** node_exporter's own defaults. */
const netstatFields =
  "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|" +
  "TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|" +
  "Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|" +
  "Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";
const vmstatFields = "^(oom_kill|pgpg|pswp|pg.*fault).*";

/** A regular expression in RE2's syntax that matches anywhere. */
export const re2Pattern = z.string().superRefine((text, context) => {
  try {
    compileRe2(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: `not a regular expression (RE2): ${describeError(error)}` });
  }
});

export const exclusive = "include and exclude cannot be set together: remove one of them";

/** The fields `<name>_include` and `<name>_exclude`, of which one may be set. */
function filterFields<Name extends string>(name: Name, things: string) {
  return {
    [`${name}_include`]: re2Pattern.optional().describe(`Only these ${things}.`),
    [`${name}_exclude`]: re2Pattern.optional().describe(`Not these ${things}.`),
  } as Record<`${Name}_include` | `${Name}_exclude`, z.ZodOptional<typeof re2Pattern>>;
}

/** For `refine`. */
function notBoth(name: string): [check: (block: object) => boolean, problem: { path: string[]; error: string }] {
  const isSet = (block: object, field: string) => Boolean((block as Record<string, unknown>)[field]);
  return [
    (block) => !(isSet(block, `${name}_include`) && isSet(block, `${name}_exclude`)),
    { path: [`${name}_exclude`], error: exclusive },
  ];
}

export const arp = z
  .strictObject(filterFields("device", "network devices"))
  .refine(...notBoth("device"))
  .prefault({})
  .describe("Settings of the collector arp.");

export const hwmon = z
  .strictObject({
    ...filterFields("chip", "chips"),
    ...filterFields("sensor", "sensors, as `chip;sensor`"),
  })
  .refine(...notBoth("chip"))
  .refine(...notBoth("sensor"))
  .prefault({})
  .describe("Settings of the collector hwmon.");

export const interrupts = z
  .strictObject({
    ...filterFields("name", "interrupts, as `type;info;devices`"),
    include_zeros: z.boolean().default(true).describe("Interrupts that never came, too."),
  })
  .refine(...notBoth("name"))
  .prefault({})
  .describe("Settings of the collector interrupts.");

const backendLabels = ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"] as const;

export const ipvs = z
  .strictObject({
    backend_labels: z
      .array(z.enum(backendLabels))
      .default([...backendLabels])
      .describe("Labels of a backend; those that differ in none of them are summed.")
      .meta({ flag: { separator: "," } }),
  })
  .prefault({})
  .describe("Settings of the collector ipvs.");

export const netclass = z
  .strictObject({
    ignored_devices: re2Pattern.default("^$").describe("Not these network devices."),
    ignore_invalid_speed_device: z
      .boolean()
      .default(false)
      .describe("No `node_network_speed_bytes` of a device that does not know its speed, in place of -125000.")
      .meta({ flag: { name: "collector.netclass.ignore-invalid-speed" } }),
  })
  .prefault({})
  .describe("Settings of the collector netclass.");

const netdevFilter = filterFields("device", "network devices");

export const netdev = z
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

export const netstat = z
  .strictObject({ fields: re2Pattern.default(netstatFields).describe("Statistics to export, as `Tcp_InSegs`.") })
  .prefault({})
  .describe("Settings of the collector netstat.");

export const powersupply = z
  .strictObject({ ignored_supplies: re2Pattern.default("^$").describe("Not these power supplies.") })
  .prefault({})
  .describe("Settings of the collector powersupplyclass.");

export const rapl = z
  .strictObject({
    enable_zone_label: z
      .boolean()
      .default(false)
      .describe("One family `node_rapl_joules_total` with the zone as label, in place of a family for each."),
  })
  .prefault({})
  .describe("Settings of the collector rapl.");

export const slabinfo = z
  .strictObject(filterFields("slabs", "slabs"))
  .refine(...notBoth("slabs"))
  .prefault({})
  .describe("Settings of the collector slabinfo.");

export const stat = z
  .strictObject({
    softirq: z.boolean().default(false).describe("Soft interrupts by vector, `node_softirqs_total`."),
  })
  .prefault({})
  .describe("Settings of the collector stat.");

export const sysctl = z
  .strictObject({
    include: z
      .array(z.string())
      .default([])
      .describe("Sysctls that are numbers: `name`, or `name:key,key` for one with several values."),
    include_info: z.array(z.string()).default([]).describe("Sysctls to show as text, `node_sysctl_info`."),
  })
  .prefault({})
  .describe("Settings of the collector sysctl.");

export const textfile = z
  .strictObject({
    directory: z
      .union([z.string(), z.array(z.string())])
      .default([])
      .describe("A folder, or several, or patterns of folders, whose `*.prom` files are read."),
  })
  .prefault({})
  .describe("Settings of the collector textfile.");

export const vmstat = z
  .strictObject({ fields: re2Pattern.default(vmstatFields).describe("Fields of `/proc/vmstat` to export.") })
  .prefault({})
  .describe("Settings of the collector vmstat.");
