import { hostExporterConfig } from "../../components/prometheus/exporter-unix.ts";
import { flagsOf, type SchemaFlag, toNumber } from "../../config/flags.ts";
import { collectors } from "../../engines/host/collectors.ts";
import type { Flag } from "../../lib/kingpin.ts";
import type { LogOptions } from "../log.ts";

/** What the flags say, before the host exporter's config is checked. */
export interface Draft {
  /** Flags of the host exporter's config, in the order they were given. */
  readonly options: { readonly flag: SchemaFlag; readonly value: string }[];
  /** Collectors that were named, and whether they shall run. */
  readonly collectors: Map<string, boolean>;
  disableDefaults: boolean;
  readonly listenAddresses: string[];
  systemdSocket: boolean;
  telemetryPath: string;
  exporterMetrics: boolean;
  maxRequests: number;
  webConfigFile: string;
  log: LogOptions;
}

/** A flag, and what it does. `apply` throws an Error in upstream's words where the value is none. */
export interface ProgramFlag extends Flag {
  apply(draft: Draft, value: string): void;
}

export function emptyDraft(): Draft {
  return {
    options: [],
    collectors: new Map(),
    disableDefaults: false,
    listenAddresses: [],
    systemdSocket: false,
    telemetryPath: "/metrics",
    exporterMetrics: true,
    maxRequests: 40,
    webConfigFile: "",
    log: { level: "info", format: "logfmt" },
  };
}

/** All flags of node_exporter: those of the config's options, one switch per collector, and those of the program. */
export function programFlags(): ProgramFlag[] {
  const options = flagsOf(hostExporterConfig).map((flag) => optionFlag(flag));
  const named = new Set(options.map(({ name }) => name));
  const others = [...upstreamsOwn, ...program].filter(({ name }) => !named.has(name));
  return [help, ...options, ...collectors.map(collectorFlag), perf, ...others, version];
}

function optionFlag(flag: SchemaFlag): ProgramFlag {
  return { ...flag, apply: (draft, value) => void draft.options.push({ flag, value }) };
}

function collectorFlag({ name, enabledByDefault }: { name: string; enabledByDefault: boolean }): ProgramFlag {
  const state = enabledByDefault ? "enabled" : "disabled";
  return switchFlag(`collector.${name}`, `Enable the ${name} collector (default: ${state}).`, (draft, isOn) =>
    draft.collectors.set(name, isOn),
  );
}

const nothing = () => {};
const help = switchFlag("help", "Show context-sensitive help.", nothing);
const version = switchFlag("version", "Show application version.", nothing);

/** The one collector of node_exporter that there is not: Node has no perf_event_open(2). */
const perf = hidden(
  switchFlag("collector.perf", "", (_, isOn) => {
    if (isOn) throw new Error("the collector perf is not available in sonde: remove --collector.perf");
  }),
);

/** They choose how upstream works inside, and change nothing of what is on the page. */
const upstreamsOwn: readonly ProgramFlag[] = [
  hidden(valueFlag("collector.filesystem.stat-workers", "4", "Mounts are all asked at once here.", checkNumber)),
  switchFlag("collector.arp.netlink", "The values are the same with and without netlink.", nothing),
  switchFlag("collector.netclass.netlink", "Not available: sysfs is read.", (_, isOn) => {
    if (isOn) throw new Error("sonde has no netlink: remove --collector.netclass.netlink");
  }),
  switchFlag("collector.netclass_rtnl.with-stats", "Means something with netlink only.", nothing),
  switchFlag("collector.netdev.netlink", "The values are the same with and without netlink.", nothing),
  valueFlag("runtime.gomaxprocs", "1", "Accepted, and means nothing here.", checkNumber),
];

const program: readonly ProgramFlag[] = [
  valueFlag("web.telemetry-path", '"/metrics"', "Path under which to expose metrics.", (draft, value) => {
    draft.telemetryPath = value;
  }),
  switchFlag(
    "web.disable-exporter-metrics",
    "Exclude metrics about the exporter itself (promhttp_*, process_*).",
    (draft, isOn) => {
      draft.exporterMetrics = !isOn;
    },
  ),
  valueFlag(
    "web.max-requests",
    "40",
    "Maximum number of parallel scrape requests. Use 0 to disable.",
    (draft, value) => {
      draft.maxRequests = Math.max(0, toNumber(value));
    },
  ),
  switchFlag("collector.disable-defaults", "Set all collectors to disabled by default.", (draft, isOn) => {
    draft.disableDefaults = isOn;
  }),
  switchFlag(
    "web.systemd-socket",
    "Use systemd socket activation listeners instead of port listeners.",
    (draft, isOn) => {
      draft.systemdSocket = isOn;
    },
  ),
  {
    ...valueFlag(
      "web.listen-address",
      ":9100",
      "Addresses on which to expose metrics and web interface. Repeatable for multiple addresses. Examples: `:9100` or `[::1]:9100`.",
      (draft, value) => void draft.listenAddresses.push(value),
    ),
    isRepeatable: true,
  },
  valueFlag(
    "web.config.file",
    '""',
    "Path to configuration file that can enable TLS or authentication.",
    (draft, value) => {
      draft.webConfigFile = value;
    },
  ),
  valueFlag(
    "log.level",
    "info",
    "Only log messages with the given severity or above. One of: [debug, info, warn, error]",
    (draft, value) => {
      const level = (["debug", "info", "warn", "error"] as const).find((name) => name === value.toLowerCase());
      if (level === undefined) throw new Error(`unrecognized log level ${value}`);
      draft.log = { ...draft.log, level };
    },
  ),
  valueFlag("log.format", "logfmt", "Output format of log messages. One of: [logfmt, json]", (draft, value) => {
    if (value !== "logfmt" && value !== "json") throw new Error(`unrecognized log format ${value}`);
    draft.log = { ...draft.log, format: value };
  }),
];

function switchFlag(name: string, text: string, apply: (draft: Draft, isOn: boolean) => void): ProgramFlag {
  const flag = { name, isSwitch: true, isRepeatable: false, isHidden: false, help: text };
  return { ...flag, apply: (draft, value) => apply(draft, value === "true") };
}

function valueFlag(name: string, fallback: string, text: string, apply: ProgramFlag["apply"]): ProgramFlag {
  return { name, isSwitch: false, isRepeatable: false, isHidden: false, help: text, default: fallback, apply };
}

function hidden(flag: ProgramFlag): ProgramFlag {
  return { ...flag, isHidden: true };
}

function checkNumber(_: Draft, value: string): void {
  toNumber(value);
}
