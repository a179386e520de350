import { expect, test } from "vitest";
import { parseRunitStatus } from "../../../src/formats/procfs/runit.ts";

test("a status tells state, wish and time", () => {
  const bytes = Buffer.alloc(20);
  bytes.writeBigUInt64BE(2n ** 62n + 10n + 1_767_225_600n, 0);
  bytes[17] = 0x75;
  bytes[19] = 1;
  expect(parseRunitStatus(bytes)).toEqual({ state: 1, desired: 1, changed: 1_767_225_600 });
  bytes[17] = 0x64;
  bytes[19] = 2;
  expect(parseRunitStatus(bytes)).toMatchObject({ state: 2, desired: 0 });
});

test("a file that is not whole tells nothing", () => expect(parseRunitStatus(Buffer.from("short"))).toBeUndefined());
