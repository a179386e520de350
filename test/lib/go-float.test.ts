import fc from "fast-check";
import { expect, test } from "vitest";
import { formatFloatLabel, formatGoFloat, parseGoFloat } from "../../src/lib/go-float.ts";

test("writes numbers as Go's shortest form", () => {
  const f = (value: number, want: string) => expect(formatGoFloat(value), want).toBe(want);
  f(0, "0");
  f(-0, "0");
  f(1, "1");
  f(-1.5, "-1.5");
  f(999999.5, "999999.5");
  f(1e6, "1e+06");
  f(1795223303, "1.795223303e+09");
  f(0.0001, "0.0001");
  f(0.00004191, "4.191e-05");
  f(1.3780000000000001, "1.3780000000000001");
  f(1e21, "1e+21");
  f(Number.MAX_VALUE, "1.7976931348623157e+308");
  f(5e-324, "5e-324");
  f(Number.NaN, "NaN");
  f(Number.POSITIVE_INFINITY, "+Inf");
  f(Number.NEGATIVE_INFINITY, "-Inf");
});

test("writes the values of le and quantile as OpenMetrics has them", () => {
  const f = (value: number, want: string) => expect(formatFloatLabel(value), want).toBe(want);
  f(1, "1.0");
  f(-0, "0.0");
  f(100000, "100000.0");
  f(123456, "123456.0");
  f(999999.5, "999999.5");
  f(1e6, "1e+06");
  f(1234567, "1.234567e+06");
  f(0.0001, "0.0001");
  f(0.00001, "1e-05");
  f(1e20, "1e+20");
  f(Number.POSITIVE_INFINITY, "+Inf");
  f(Number.NaN, "NaN");
});

test("reads what strconv.ParseFloat reads", () => {
  const f = (text: string, want: number | undefined) => expect(parseGoFloat(text), text).toBe(want);
  f("1", 1);
  f("+1", 1);
  f(".5", 0.5);
  f("5.", 5);
  f("1E3", 1000);
  f("017", 17);
  f("9007199254740993", 9007199254740992);
  f("1e-400", 0);
  f("nan", Number.NaN);
  f("iNf", Number.POSITIVE_INFINITY);
  f("-Infinity", Number.NEGATIVE_INFINITY);
  f("0x1p4", 16);
  f("-0x1.8P-1", -0.75);
  f("1_0", 10);
  f("0x_1p4", 16);
  f("", undefined);
  f(".", undefined);
  f("e5", undefined);
  f("1e", undefined);
  f("0x10", undefined);
  f("0xp1", undefined);
  f("0b1", undefined);
  f("_1", undefined);
  f("1__0", undefined);
  f("1,000", undefined);
  f("1f", undefined);
  f(" 1", undefined);
  f("-NaN", undefined);
  f("Infinit", undefined);
  f("1e309", undefined);
  f("１", undefined);
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => {
      expect(parseGoFloat(formatGoFloat(value))).toBe(value === 0 ? 0 : value);
      expect(parseGoFloat(formatFloatLabel(value))).toBe(value === 0 ? 0 : value);
    }),
  );
});
