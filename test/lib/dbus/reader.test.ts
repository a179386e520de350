import { expect, test } from "vitest";
import { DbusReader } from "../../../src/lib/dbus/reader.ts";

test("reads either byte order", () => {
  const little = Buffer.from("0100000002000300000000000000000004000000000000000000000000000840", "hex");
  expect(new DbusReader(little, true).values("uqntd")).toEqual([1, 2, 3, 0n, expect.any(Number)]);
  const big = Buffer.from("0000000100020003000000000000000000000000000000044008000000000000", "hex");
  expect(new DbusReader(big, false).values("uqntd")).toEqual([1, 2, 3, 0n, expect.any(Number)]);
});

test("what is longer than its message, or of no known type, is refused", () => {
  const f = (hex: string, signature: string, want: string) =>
    expect(() => new DbusReader(Buffer.from(hex, "hex"), true).values(signature)).toThrow(want);

  f("0100", "u", "a value is longer than its message");
  f("05000000610000", "s", "a value is longer than its message");
  f("09000000", "ay", "an array is longer than its message");
  f("02000000010000000200", "au", "an array does not end where it says");
  f("00", "m", '"m" is no type of D-Bus');
  f("00000000", "(s", 'the signature "(s" is not complete');
});
