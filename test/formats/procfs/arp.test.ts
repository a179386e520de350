import { expect, test } from "vitest";
import { parseArpEntries } from "../../../src/formats/procfs/arp.ts";

const heading = "IP address       HW type     Flags       HW address            Mask     Device\n";

test("counts the entries of each device", () => {
  const row = (address: string, device: string) => `${address} 0x1 0x2 aa:bb:cc:dd:ee:ff * ${device}\n`;
  const text = heading + row("10.0.0.1", "eth0") + row("10.0.0.2", "eth1") + row("10.0.0.3", "eth0");
  expect(parseArpEntries(text)).toEqual(
    new Map([
      ["eth0", 2],
      ["eth1", 1],
    ]),
  );
  expect(parseArpEntries(heading)).toEqual(new Map());
  expect(parseArpEntries("")).toEqual(new Map());
});

test("a row that lacks a column is refused", () => {
  expect(() => parseArpEntries(`${heading}10.0.0.1 0x1 0x2 00:00 *\n`)).toThrow("cannot parse net/arp");
});
