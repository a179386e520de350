import { expect, test } from "vitest";
import { parseEthtoolDriver, parseEthtoolLink, parseEthtoolStatistics } from "../../../src/formats/procfs/ethtool.ts";

test("a driver's values may be empty or hold colons", () => {
  expect(Object.fromEntries(parseEthtoolDriver("driver: igb\nfirmware-version: \nbus-info: 0000:0b:00.0\n"))).toEqual({
    driver: "igb",
    "firmware-version": "",
    "bus-info": "0000:0b:00.0",
  });
});

test("counters may be called anything", () => {
  const text = "NIC statistics:\n     rx: 1\n     [0]: tx a-b: 2\n     tx size 64 : 3\n     state: up\n";
  expect(Object.fromEntries(parseEthtoolStatistics(text))).toEqual({ rx: 1, "[0]: tx a-b": 2, "tx size 64": 3 });
});

test("a list of link modes goes on in the lines below it", () => {
  const link = parseEthtoolLink(
    "Settings for eth0:\n\tSupported ports: [ FIBRE ]\n\tSupported link modes:   10baseT/Half\n\t                        1000baseT/Full\n" +
      "\tSupported pause frame use: No\n\tSupports auto-negotiation: No\n\tAdvertised link modes:  Not reported\n",
  );
  const nothing = { modes: [], pause: false, asymmetricPause: false, autonegotiation: false };
  expect(link).toEqual({
    ports: ["FIBRE"],
    supported: { ...nothing, modes: ["10baseT/Half", "1000baseT/Full"] },
    advertised: nothing,
    autonegotiation: false,
  });
});

test("pauses have four kinds", () => {
  const f = (use: string, pause: boolean, asymmetricPause: boolean) => {
    const text = `\tSupported link modes: Not reported\n\tSupported pause frame use: ${use}\n`;
    expect(parseEthtoolLink(text)?.supported).toMatchObject({ pause, asymmetricPause });
  };

  f("No", false, false);
  f("Symmetric", true, false);
  f("Symmetric Receive-only", true, true);
  f("Transmit-only", false, true);
});

test("a driver that tells nothing of links has none", () => {
  expect(parseEthtoolLink("Settings for lo:\n\tLink detected: yes\n")).toBeUndefined();
});
