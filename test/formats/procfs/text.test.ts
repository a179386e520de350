import { expect, test } from "vitest";
import { hexadecimal, integer, signed, utf8 } from "../../../src/formats/procfs/text.ts";

test("bytes become text, a run of invalid ones becomes one replacement character", () => {
  const f = (bytes: number[], want: string) => expect(utf8(Buffer.from(bytes).toString("latin1"))).toBe(want);

  f([0x2f, 0x61], "/a");
  f([0x2f, 0xc3, 0xa9], "/é");
  f([0x2f, 0xe9], "/\uFFFD");
  f([0x2f, 0xe9, 0xe8, 0xff, 0x61, 0xe0], "/\uFFFDa\uFFFD");
});

test("numbers of sysfs are in any of C's notations", () => {
  const f = (text: string, want: number | undefined) => expect(integer(text)).toBe(want);

  f("42", 42);
  f("-1", -1);
  f("+7", 7);
  f("0", 0);
  f("0x1003", 0x1003);
  f("0X1f", 31);
  f("010", 8);
  f("08", undefined);
  f("1.5", undefined);
  f("", undefined);
  f("12 ", undefined);
});

test("what is no number is refused with its line", () => {
  expect(signed("-5", "swaps", "x -5")).toBe(-5);
  expect(hexadecimal("FFFFFFFF", "udp", "x")).toBe(2 ** 32 - 1);
  expect(() => signed("5.5", "swaps", "x 5.5")).toThrow('cannot parse swaps: unexpected line "x 5.5"');
  expect(() => hexadecimal("0x5", "udp", "x 0x5")).toThrow('cannot parse udp: unexpected line "x 0x5"');
  expect(() => hexadecimal(undefined, "udp", "x")).toThrow("cannot parse udp");
});
