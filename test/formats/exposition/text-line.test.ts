import { expect, test } from "vitest";
import { completeLabels, parseTextSample, unescapeText } from "../../../src/formats/exposition/text-line.ts";

test("a sample has a name, labels, a value and perhaps a timestamp", () => {
  const f = (line: string, labels: Record<string, string>, value: number, hasTimestamp = false) =>
    expect(parseTextSample(line)).toEqual({ name: "m", labels: new Map(Object.entries(labels)), value, hasTimestamp });

  f("m 1", {}, 1);
  f("m\t1", {}, 1);
  f('m{a="1",b="2"} 3', { a: "1", b: "2" }, 3);
  f('m {  a = "1" , b="" , }   3', { a: "1", b: "" }, 3);
  f('m{a="1"}3', { a: "1" }, 3);
  f("m{} 3", {}, 3);
  f('m{a="\\\\ \\" \\n"} 3', { a: '\\ " \n' }, 3);
  f("m +Inf", {}, Number.POSITIVE_INFINITY);
  f("m -1.5e-7", {}, -1.5e-7);
  f("m nan", {}, Number.NaN);
  f("m 1 1700000000000", {}, 1, true);
});

test("what node_exporter does not take is refused", () => {
  const f = (line: string, message: string) => expect(() => parseTextSample(line)).toThrow(message);

  f("1m 1", "expected a metric name");
  f('{"a.b"} 1', "expected a metric name");
  f("m", "expected a number");
  f("m one", "expected a number");
  f("m 1 ", 'expected a number, and nothing behind it, got " 1 "');
  f("m 1\r", "expected a number");
  f("m 1 2 3", "expected a number");
  f("m 0x1p4", "expected a number");
  f("m 1_000", "expected a number");
  f('m{a="1" 1', "expected a label");
  f("m{a=1} 1", "expected a label");
  f("m{,} 1", "expected a label");
  f('m{a="\\t"} 1', "expected a label");
  f('m{a="1",a="2"} 1', "the label a comes twice");
  f('m{__name__="n"} 1', 'the label name "__name__" is reserved');
});

test("absent labels are empty where others of the family have them", () => {
  expect(completeLabels(new Map([["b", "2"]]), ["a", "b"])).toEqual(["a", "", "b", "2"]);
});

test("three escapes have a meaning", () => {
  expect(unescapeText('a\\\\b\\nc\\"d\\t')).toBe('a\\b\nc"d\\t');
});
