import { parseIwDev, parseIwLink, parseIwStations, type WifiStation } from "../../../formats/procfs/iw.ts";
import { describeError } from "../../../lib/errors.ts";
import { type CollectorSpec, counter, type Emit, type Family, gauge, NoData } from "../collector.ts";
import type { HelperPrograms } from "../helper-programs.ts";

const frequency = gauge(
  "node_wifi_interface_frequency_hertz",
  "The current frequency a WiFi interface is operating at, in hertz.",
);
const info = gauge(
  "node_wifi_station_info",
  "Labeled WiFi interface station information as provided by the operating system.",
);

const bitsPerSecond = (megabits: number) => Math.round(megabits * 1e6);

/** iw's names, and what one of their units is in ours. */
const ofStation: readonly (readonly [name: string, Family, convert?: (value: number) => number])[] = [
  [
    "connected time",
    counter(
      "node_wifi_station_connected_seconds_total",
      "The total number of seconds a station has been connected to an access point.",
    ),
  ],
  [
    "inactive time",
    gauge(
      "node_wifi_station_inactive_seconds",
      "The number of seconds since any wireless activity has occurred on a station.",
    ),
    (milliseconds) => milliseconds / 1000,
  ],
  [
    "rx bitrate",
    gauge(
      "node_wifi_station_receive_bits_per_second",
      "The current WiFi receive bitrate of a station, in bits per second.",
    ),
    bitsPerSecond,
  ],
  [
    "tx bitrate",
    gauge(
      "node_wifi_station_transmit_bits_per_second",
      "The current WiFi transmit bitrate of a station, in bits per second.",
    ),
    bitsPerSecond,
  ],
  [
    "rx bytes",
    counter("node_wifi_station_receive_bytes_total", "The total number of bytes received by a WiFi station."),
  ],
  [
    "tx bytes",
    counter("node_wifi_station_transmit_bytes_total", "The total number of bytes transmitted by a WiFi station."),
  ],
  [
    "rx packets",
    counter("node_wifi_station_received_packets_total", "The total number of packets received by a station."),
  ],
  [
    "tx packets",
    counter("node_wifi_station_transmitted_packets_total", "The total number of packets transmitted by a station."),
  ],
  ["signal", gauge("node_wifi_station_signal_dbm", "The current WiFi signal strength, in decibel-milliwatts (dBm).")],
  [
    "tx retries",
    counter(
      "node_wifi_station_transmit_retries_total",
      "The total number of times a station has had to retry while sending a packet.",
    ),
  ],
  [
    "tx failed",
    counter(
      "node_wifi_station_transmit_failed_total",
      "The total number of times a station has failed to send a packet.",
    ),
  ],
  [
    "beacon loss",
    counter("node_wifi_station_beacon_loss_total", "The total number of times a station has detected a beacon loss."),
  ],
];

/** Upstream speaks nl80211; `iw` shows the same numbers. */
export const wifi: CollectorSpec = {
  name: "wifi",
  enabledByDefault: false,

  create({ helpers }) {
    const iw = (...args: string[]) => helpers.output("iw", args, "iw");
    return async (emit) => {
      for (const device of parseIwDev(await listDevices(helpers))) {
        emit(frequency, ["device", device.name], device.frequency * 1e6);
        const link = parseIwLink(await iw("dev", device.name, "link"));
        if (link !== undefined) {
          const { bssid, mode, ssid } = link;
          emit(info, ["bssid", bssid, "device", device.name, "mode", mode, "ssid", ssid], 1);
        }
        for (const station of parseIwStations(await iw("dev", device.name, "station", "dump"))) {
          emitStation(emit, device.name, station);
        }
      }
    };
  },
};

/** Most servers have no wireless stack at all, which is no failure. */
async function listDevices(helpers: HelperPrograms): Promise<string> {
  try {
    return await helpers.output("iw", ["dev"], "iw");
  } catch (error) {
    if (describeError(error).includes("nl80211 not found")) throw new NoData("the kernel has no wireless stack");
    throw error;
  }
}

/** A number that the driver does not have is 0, as upstream. */
function emitStation(emit: Emit, device: string, { address, values }: WifiStation): void {
  const labels = ["device", device, "mac_address", address];
  for (const [name, family, convert] of ofStation) {
    const value = values.get(name) ?? 0;
    emit(family, labels, convert?.(value) ?? value);
  }
}
