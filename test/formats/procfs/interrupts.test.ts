import { expect, test } from "vitest";
import { parseInterrupts } from "../../../src/formats/procfs/interrupts.ts";

const heading = "           CPU0       CPU1\n";

test("a numbered interrupt has a controller and devices, another one a description", () => {
  expect(
    parseInterrupts(
      `${heading} 45:  1  2   PCI-MSI 524288-edge   nvme0q0, eth0\nNMI:  3  4   Non-maskable interrupts\n`,
    ),
  ).toEqual([
    { name: "45", info: "PCI-MSI", devices: "524288-edge nvme0q0, eth0", counts: ["1", "2"] },
    { name: "NMI", info: "Non-maskable interrupts", devices: "", counts: ["3", "4"] },
  ]);
});

test("the first count may touch the name", () => {
  expect(parseInterrupts(`${heading}IPI0:12 3  Rescheduling interrupts\n`)).toEqual([
    { name: "IPI0", info: "Rescheduling interrupts", devices: "", counts: ["12", "3"] },
  ]);
});

test("rows that are of no CPU are left out", () => {
  expect(parseInterrupts(`${heading}ERR:  0\nMIS:  0\nno colon\n`)).toEqual([]);
  expect(parseInterrupts("")).toEqual([]);
});
