import { expect, test } from "vitest";
import { parseDrbd } from "../../../src/formats/procfs/drbd.ts";

test("pairs belong to the device before them; what is about the driver to none", () => {
  const text =
    "version: 8.4.11 (api:1/proto:86-101)\n 0: cs:Connected ro:Primary/Secondary\n    ns:1 oos:0\n\n12: cs:x\n";
  expect(parseDrbd(text).map(({ name, values }) => [name, Object.fromEntries(values)])).toEqual([
    ["drbd0", { cs: "Connected", ro: "Primary/Secondary", ns: "1", oos: "0" }],
    ["drbd12", { cs: "x" }],
  ]);
});
