import {
  type LinkModes,
  type LinkSettings,
  parseEthtoolDriver,
  parseEthtoolLink,
  parseEthtoolStatistics,
} from "../../../formats/procfs/ethtool.ts";
import type { NameFilter } from "../../../lib/name-filter.ts";
import { type CollectorSpec, type Emit, type Family, gauge, untyped } from "../collector.ts";
import { classNames } from "../hardware-files.ts";
import { metricName } from "../metric-name.ts";

const info = gauge(
  "node_ethtool_info",
  "A metric with a constant '1' value labeled by bus_info, device, driver, expansion_rom_version, firmware_version, version.",
);
const portInfo = gauge("node_network_supported_port_info", "Type of ports or PHYs supported by network device");
const autonegotiate = gauge("node_network_autonegotiate", "If this port is using autonegotiate");

/** The counters that nearly all drivers have. */
const common: Readonly<Record<string, Family>> = {
  rx_bytes: untyped("node_ethtool_received_bytes_total", "Network interface bytes received"),
  rx_dropped: untyped("node_ethtool_received_dropped_total", "Number of received frames dropped"),
  rx_errors: untyped("node_ethtool_received_errors_total", "Number of received frames with errors"),
  rx_packets: untyped("node_ethtool_received_packets_total", "Network interface packets received"),
  tx_bytes: untyped("node_ethtool_transmitted_bytes_total", "Network interface bytes sent"),
  tx_errors: untyped("node_ethtool_transmitted_errors_total", "Number of sent frames with errors"),
  tx_packets: untyped("node_ethtool_transmitted_packets_total", "Network interface packets sent"),
};

const supported = {
  speed: gauge("node_network_supported_speed_bytes", "Combination of speeds and features supported by network device"),
  autonegotiate: gauge("node_network_autonegotiate_supported", "If this port device supports autonegotiate"),
  pause: gauge("node_network_pause_supported", "If this port device supports pause frames"),
  asymmetricPause: gauge(
    "node_network_asymmetricpause_supported",
    "If this port device supports asymmetric pause frames",
  ),
};

const advertised = {
  speed: gauge("node_network_advertised_speed_bytes", "Combination of speeds and features offered by network device"),
  autonegotiate: gauge("node_network_autonegotiate_advertised", "If this port device offers autonegotiate"),
  pause: gauge("node_network_pause_advertised", "If this port device offers pause capability"),
  asymmetricPause: gauge(
    "node_network_asymmetricpause_advertised",
    "If this port device offers asymmetric pause capability",
  ),
};

/** The modes and ports that upstream's 32 bits tell apart. */
const knownModes =
  /^(10{1,3}baseT\/(Half|Full)|(10000baseT|2500baseX|1000baseKX|10000baseK(X4|R)|20000base(MLD2|KR2)|(40|56)000base[KCSL]R4|25000baseCR)\/Full|10000baseR_FEC)$/;
const knownPorts = ["TP", "AUI", "MII", "FIBRE", "BNC", "Backplane"];
const bytesPerMegabit = 125_000;

/** Node has no ioctl; `ethtool` has. */
export const ethtool: CollectorSpec = {
  name: "ethtool",
  enabledByDefault: false,

  create({ files, helpers }, options) {
    const ask = async (...args: string[]) => {
      const { code, stdout } = await helpers.run("ethtool", args, "ethtool");
      // Many drivers do not know one question or the other.
      return code === 0 ? stdout : "";
    };
    return async (emit) => {
      for (const device of classNames(files, "class/net").filter(options.ethtool.device)) {
        const [driver, statistics, link] = await Promise.all([ask("-i", device), ask("-S", device), ask(device)]);
        if (driver !== "") emit(info, driverLabels(device, driver), 1);
        const settings = parseEthtoolLink(link);
        if (settings !== undefined) emitLink(emit, device, settings);
        emitStatistics(emit, device, parseEthtoolStatistics(statistics), options.ethtool.metric);
      }
    };
  },
};

function driverLabels(device: string, text: string): string[] {
  const values = parseEthtoolDriver(text);
  const value = (name: string) => values.get(name) ?? "";
  const versions = ["expansion_rom_version", value("expansion-rom-version"), "firmware_version"];
  const labels = ["bus_info", value("bus-info"), "device", device, "driver", value("driver"), ...versions];
  return [...labels, value("firmware-version"), "version", value("version")];
}

function emitLink(emit: Emit, device: string, settings: LinkSettings): void {
  emitModes(emit, device, supported, settings.supported);
  emitModes(emit, device, advertised, settings.advertised);
  for (const port of settings.ports) {
    if (knownPorts.includes(port)) emit(portInfo, ["device", device, "type", port], 1);
  }
  emit(autonegotiate, ["device", device], settings.autonegotiation ? 1 : 0);
}

function emitModes(emit: Emit, device: string, families: typeof supported, modes: LinkModes): void {
  const labels = ["device", device];
  emit(families.autonegotiate, labels, modes.autonegotiation ? 1 : 0);
  emit(families.pause, labels, modes.pause ? 1 : 0);
  emit(families.asymmetricPause, labels, modes.asymmetricPause ? 1 : 0);
  for (const mode of modes.modes.filter((mode) => knownModes.test(mode))) {
    const [name = "", duplex = "Full"] = mode.split("/");
    const series = [...labels, "duplex", duplex.toLowerCase(), "mode", name];
    emit(families.speed, series, Number.parseInt(name, 10) * bytesPerMegabit);
  }
}

function emitStatistics(emit: Emit, device: string, values: ReadonlyMap<string, number>, isWanted: NameFilter): void {
  const emitted = new Set<string>();
  for (const name of [...values.keys()].filter(isWanted).sort()) {
    const family = common[name] ?? untyped(`node_ethtool_${nameOf(name)}`, `Network interface ${name}`);
    // Names that differ only in odd characters become one; the first stays.
    if (emitted.has(family.name)) continue;
    emitted.add(family.name);
    emit(family, ["device", device], values.get(name) ?? 0);
  }
}

function nameOf(counter: string): string {
  return metricName(counter)
    .toLowerCase()
    .replace(/^_+/, "")
    .replace(/(^|_)rx(_|$)/g, "$1received$2")
    .replace(/(^|_)tx(_|$)/g, "$1transmitted$2");
}
