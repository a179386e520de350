import { expect, test } from "vitest";
import { parseIwDev, parseIwLink, parseIwStations } from "../../../src/formats/procfs/iw.ts";

test("devices without a name are left out, and what is below them too", () => {
  const text =
    "phy#0\n\tInterface wlan0\n\t\taddr 00:11\n\tUnnamed/non-netdev interface\n\t\tchannel 1 (2412 MHz), width: 20 MHz\nphy#1\n\tInterface wlan1\n\t\tchannel 6 (2437 MHz), width: 20 MHz\n";
  expect(parseIwDev(text)).toEqual([
    { name: "wlan0", frequency: 0 },
    { name: "wlan1", frequency: 2437 },
  ]);
  expect(parseIwDev("")).toEqual([]);
});

test("a link is a client's or of an ad-hoc network", () => {
  const bssid = "aa:bb:cc:dd:ee:ff";
  expect(parseIwLink("Not connected.\n")).toBeUndefined();
  expect(parseIwLink(`Connected to ${bssid} (on wlan0)\n\tSSID: a: b \\x5c\n`)).toEqual({
    ...{ bssid, ssid: "a: b \\", mode: "client" },
  });
  expect(parseIwLink(`Joined IBSS ${bssid} (on wlan0)\n\tSSID: n\n`)).toMatchObject({ mode: "ad-hoc", ssid: "n" });
});

test("stations have the numbers that their lines begin with", () => {
  const station = (address: string) =>
    `Station ${address} (on wlan0)\n\tinactive time:\t304 ms\n\tsignal:  \t-56 [-58] dBm\n`;
  const text = station("aa:bb:cc:dd:ee:01") + station("aa:bb:cc:dd:ee:02");
  expect(parseIwStations(text).map(({ address, values }) => [address, Object.fromEntries(values)])).toEqual([
    ["aa:bb:cc:dd:ee:01", { "inactive time": 304, signal: -56 }],
    ["aa:bb:cc:dd:ee:02", { "inactive time": 304, signal: -56 }],
  ]);
});
