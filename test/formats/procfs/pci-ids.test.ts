import { expect, test } from "vitest";
import { parsePciIds } from "../../../src/formats/procfs/pci-ids.ts";

const names = parsePciIds(`# comment
8086  Intel Corporation
\t0a54  NVMe SSD
\t\t108e 4802  Flash 6.4TB
C 01  Mass storage controller
\t08  Non-Volatile memory controller
\t\t02  NVM Express
C 06  Bridge
`);

test("things are called by their names, and by their numbers where there is no name", () => {
  expect([names.vendor("8086"), names.vendor("ffff")]).toEqual(["Intel Corporation", "ffff"]);
  expect([names.device("8086", "0a54"), names.device("1022", "0a54")]).toEqual(["NVMe SSD", "0a54"]);
  expect(names.subsystem("8086", "0a54", "108e", "4802")).toBe("Flash 6.4TB");
  expect(names.subsystem("8086", "0a54", "108e", "4803")).toBe("4803");
});

test("a class is called by the finest name there is", () => {
  const f = (id: string, want: string) => expect(names.classOf(id)).toBe(want);

  f("010802", "NVM Express");
  f("010800", "Non-Volatile memory controller");
  f("010700", "Mass storage controller");
  f("060400", "Bridge");
  f("ff0000", "Unknown class (ff0000)");
});
