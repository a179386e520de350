import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileJsonExpression, parseJsonObject, plainNumber } from "../../../src/formats/log-line/json-extract.ts";

const document = parseJsonObject(`{
  "text": "hi", "number": 1.50, "big": 1e21, "small": 1.5e-7, "yes": true, "no": null,
  "list": [1, {"a": "<b>"}], "nested": {"deep": {"x": "y"}}, "key with space": 1, "empty": ""
}`)!;

describe("an expression", () => {
  test.each([
    ["text", "hi"],
    ["number", "1.5"],
    ["big", "1000000000000000000000"],
    ["small", "0.00000015"],
    ["yes", "true"],
    ["empty", ""],
    ["list", '[1,{"a":"<b>"}]'],
    ["list[1].a", "<b>"],
    ["nested.deep", '{"x":"y"}'],
    ["nested.deep.x", "y"],
    ['"key with space"', "1"],
    ["length(list)", "2"],
    ["nested.deep.x || text", "y"],
    ["no || text", "hi"],
    ["list[?a].a | [0]", "<b>"],
  ])("%s gives %j", (expression, want) => {
    expect(compileJsonExpression(expression)(document)).toBe(want);
  });

  test("gives nothing for null, for what is absent, and where it fails on the document", () => {
    for (const expression of ["no", "absent", "text.x", "abs(text)"]) {
      expect(compileJsonExpression(expression)(document), expression).toBeUndefined();
    }
  });

  test.each(["", "a.", "a[", "a b", "nosuch("])("%j is refused with a message", (expression) => {
    expect(() => compileJsonExpression(expression)).toThrow(/./);
  });
});

test("only an object is a document", () => {
  for (const line of ["", "text", "{", "[1]", "1", "null", '"x"']) expect(parseJsonObject(line), line).toBeUndefined();
  expect(parseJsonObject('{"a":{}}')).toEqual({ a: {} });
});

test("numbers are written without an exponent and read back the same", () => {
  expect(plainNumber(-1.25e22)).toBe("-12500000000000000000000");
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = plainNumber(value);
      expect(text).toMatch(/^-?[0-9]+(\.[0-9]+)?$/);
      expect(Number(text)).toBe(value === 0 ? 0 : value);
    }),
  );
});
