import { expect, test } from "vitest";
import { parsePressure } from "../../../src/formats/procfs/pressure.ts";

test("a resource may have only one of the two kinds", () => {
  const line = (kind: string, total: number) => `${kind} avg10=0.00 avg60=0.00 avg300=0.00 total=${total}\n`;
  expect(parsePressure(line("some", 5) + line("full", 3), "pressure/io")).toEqual({ some: 5, full: 3 });
  expect(parsePressure(line("full", 3), "pressure/irq")).toEqual({ some: undefined, full: 3 });
  expect(parsePressure("", "pressure/cpu")).toEqual({ some: undefined, full: undefined });
});

test("a line without a total is refused", () => {
  expect(() => parsePressure("some avg10=0.00\n", "pressure/io")).toThrow("cannot parse pressure/io");
  expect(() => parsePressure("some total=x\n", "pressure/io")).toThrow("cannot parse pressure/io");
});
