import type { NameFilter, Pattern } from "../../lib/name-filter.ts";

/** What the collectors can be told; node_exporter's flags `--collector.<name>.*`. */
export interface HostOptions {
  readonly arp: { readonly device: NameFilter };
  readonly bcache: { readonly priorityStats: boolean };
  readonly cpu: {
    readonly guest: boolean;
    readonly info: boolean;
    /** With the CPU information its frequency too; upstream does that where the collector cpufreq runs. */
    readonly frequency: boolean;
    /** Undefined: no family of flags (or bugs) at all. */
    readonly flagsInclude: Pattern | undefined;
    readonly bugsInclude: Pattern | undefined;
  };
  readonly diskstats: { readonly device: NameFilter };
  readonly ethtool: { readonly device: NameFilter; readonly metric: NameFilter };
  readonly filesystem: {
    readonly mountTimeoutMs: number;
    readonly mountPoint: NameFilter;
    readonly fsType: NameFilter;
  };
  /** The filter of sensors sees `chip;sensor`. */
  readonly hwmon: { readonly chip: NameFilter; readonly sensor: NameFilter };
  /** The filter sees `type;info;devices`. */
  readonly interrupts: { readonly name: NameFilter; readonly includeZeros: boolean };
  readonly ipvs: { readonly backendLabels: readonly IpvsLabel[] };
  readonly netclass: { readonly device: NameFilter; readonly ignoreInvalidSpeed: boolean };
  readonly netdev: {
    readonly device: NameFilter;
    readonly addressInfo: boolean;
    /** All counters that the kernel keeps in place of the sums that ifconfig shows. */
    readonly detailedMetrics: boolean;
    readonly labelIfalias: boolean;
  };
  readonly netstat: { readonly field: NameFilter };
  readonly powersupply: { readonly supply: NameFilter };
  /** One family for all zones, with a label, in place of one for each. */
  readonly rapl: { readonly zoneLabel: boolean };
  readonly slabinfo: { readonly slab: NameFilter };
  readonly stat: { readonly softirq: boolean };
  /** `name`, or `name:key,key` for a name that has several values. */
  readonly sysctl: { readonly include: readonly string[]; readonly includeInfo: readonly string[] };
  /** Folders or patterns of folders. */
  readonly textfile: { readonly directories: readonly string[] };
  readonly infiniband: { readonly device: NameFilter };
  readonly ntp: {
    readonly server: string;
    readonly port: number;
    readonly version: number;
    readonly ttl: number;
    readonly offsetToleranceMs: number;
    readonly maxDistanceMs: number;
  };
  readonly pcidevice: { readonly names: boolean; readonly idsFile: string | undefined };
  readonly qdisc: { readonly device: NameFilter };
  readonly runit: { readonly serviceDir: string };
  readonly supervisord: { readonly url: string };
  readonly systemd: {
    readonly unit: NameFilter;
    readonly restartsMetrics: boolean;
    readonly startTimeMetrics: boolean;
    readonly taskMetrics: boolean;
    /** By systemd's own socket, without a bus; needs root. */
    readonly isPrivate: boolean;
  };
  readonly tapestats: { readonly device: NameFilter };
  readonly vmstat: { readonly field: NameFilter };
}

export type IpvsLabel = "local_address" | "local_port" | "remote_address" | "remote_port" | "proto" | "local_mark";
