import fc from "fast-check";
import { expect, test } from "vitest";
import { quoteGo, unquoteCharacter, unquoteGo } from "../../../src/formats/log-line/go-string.ts";

test.each([
  ['"a"', "a"],
  ['""', ""],
  ['`a\\n"b"\r\n`', 'a\\n"b"\n'],
  ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\u0007\b\f\n\r\t\v\\"'],
  ['"\\xc3\\xa9\\303\\251\\u00e9\\U0001f600"', "ééé😀"],
  ['"\\xff"', "\ufffd"],
  ['"it\'s"', "it's"],
])("%s is a string of Go", (literal, want) => {
  expect(unquoteGo(literal)).toBe(want);
});

test.each([
  '"',
  '"a',
  "'a'",
  '"\\q"',
  '"\\\'"',
  '"\\x1"',
  '"\\400"',
  '"\\ud800"',
  '"\\U00110000"',
  '"\n"',
  "`a`b`",
  "a",
  "",
])("%j is none", (literal) => {
  expect(unquoteGo(literal)).toBeUndefined();
});

test("characters are numbers", () => {
  const literals = ["'a'", "'é'", "'😀'", "'\\n'", "'\\''", "'\"'", "'\\x41'", "'\\377'", "'\\u00e9'"];
  expect(literals.map(unquoteCharacter)).toEqual([97, 0xe9, 0x1f600, 10, 39, 34, 65, 255, 0xe9]);
  expect(["''", "'ab'", "'\\\"'", "a", "'\\q'"].map(unquoteCharacter)).toEqual(Array(5).fill(undefined));
});

test("quoted text is read back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, ascii) => {
      const quoted = quoteGo(text, '"', ascii);
      expect(unquoteGo(quoted)).toBe(text);
      if (ascii) expect(quoted).toMatch(/^[ -~]*$/);
    }),
  );
});
