import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberReader } from "../../../src/formats/exposition/number.ts";
import { parseGoFloat } from "../../../src/lib/go-float.ts";

function read(text: string, terminator = "\n"): { value: number | undefined; end: number } {
  const reader = new NumberReader();
  const value = reader.read(Buffer.from(`${text}${terminator}5`), 0);
  return { value, end: reader.end };
}

test("reads up to the space, tab or newline", () => {
  expect(read("1.5", "\n")).toEqual({ value: 1.5, end: 3 });
  expect(read("-15e2", " ")).toEqual({ value: -1500, end: 5 });
  expect(read("1", "\t")).toEqual({ value: 1, end: 1 });
});

test("refuses what the text format refuses", () => {
  const f = (text: string) => expect(read(text).value, text).toBe(undefined);
  for (const text of ["", "-", ".", "-.", "e1", "1e", "1e+", "0x10", "0x1p4", "1_000", "1f", "1.2.3", "1e5.", "--1"])
    f(text);
});

test("equals the strict grammar, bit for bit", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 22 });
  const sign = fc.constantFrom("", "-", "+");
  const exponent = fc.oneof(
    fc.constant(""),
    fc.tuple(sign, fc.nat(330)).map(([s, n]) => `e${s}${n}`),
  );
  const written = fc
    .tuple(sign, digits, fc.constantFrom("", "."), digits, exponent)
    .map(([s, whole, point, fraction, e]) => s + whole + point + fraction + e);
  const anything = fc.string({ unit: fc.constantFrom(..."0019.eE+-xXnaif"), maxLength: 8 });
  const printed = fc.double().map(String);
  fc.assert(
    fc.property(fc.oneof(written, anything, printed), (text) => {
      expect(read(text)).toEqual({ value: parseGoFloat(text), end: text.length });
    }),
    { numRuns: 20_000 },
  );
});
