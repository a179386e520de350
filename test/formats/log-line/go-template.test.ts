import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileTemplate } from "../../../src/formats/log-line/go-template.ts";
import fixture from "../../fixtures/log-line/go-template.json" with { type: "json" };

// The fixture holds what Go 1.26's text/template prints with sprig v3 and promtail's functions, in the time zone UTC, or
// whether it fails when it parses or when it executes the template.
describe("templates print what Go prints", () => {
  test.each(fixture.cases)("$template", ({ template, output, error }) => {
    const compile = () => compileTemplate(template, { location: "UTC" });
    if (error === undefined) expect(compile()(fixture.data)).toBe(output);
    else if (error === "parse") expect(compile).toThrow(/^line \d+, column \d+: ./);
    else expect(() => compile()(fixture.data)).toThrow(/^line \d+, column \d+: ./);
  });
});

describe("a mistake is told with its place", () => {
  test.each([
    ["a\nb {{ if .x }}", "line 2, column 9: {{if}} has no {{end}}"],
    ["{{ .x }", 'line 1, column 7: unexpected "}"'],
    ["é{{ .x", "line 1, column 2: the action is not closed by }}"],
    ['{{ "x }}', "line 1, column 4: the quoted string is not closed"],
    ["{{ `x }}", "line 1, column 4: the quoted string is not closed"],
    ["{{ 'x }}", "line 1, column 4: the character constant is not closed"],
    ["{{/* x }}", "line 1, column 3: the comment is not closed by */"],
    ["{{/* x */ }}", "line 1, column 8: there must be }} right after the comment"],
    ["{{ toLower .x }}", 'line 1, column 4: function "toLower" is not defined'],
    ["{{ env .x }}", 'line 1, column 4: function "env" is not defined'],
    ["{{ $x }}", "line 1, column 4: undefined variable $x"],
    ["{{ 08 }}", "line 1, column 4: 08 is no number"],
    ["{{ 'ab' }}", "line 1, column 4: 'ab' is no character"],
    ['{{ "\\q" }}', 'line 1, column 4: "\\q" has an escape that Go does not know'],
    ["{{ end }}", "line 1, column 1: unexpected {{end}}"],
    ["{{ nil }}", "line 1, column 4: nil is not a command"],
    ["{{ .x | 1 }}", "line 1, column 9: stage 2 of the pipeline is no function"],
    ["{{ if }}{{ end }}", "line 1, column 6: missing value for if"],
    ["{{ break }}", "line 1, column 1: {{break}} outside of {{range}}"],
    ["{{ template x }}", "line 1, column 13: {{template}} needs a name in quotes"],
    ['{{ template "x" }}', 'line 1, column 1: template "x" is not defined'],
    ['{{ define "x" }}', 'line 1, column 11: the definition of "x" has no {{end}}'],
    ["{{ (.x }}", "line 1, column 8: unexpected }}"],
    ["{{ .x) }}", "line 1, column 6: unexpected )"],
  ])("%j", (template, message) => {
    expect(() => compileTemplate(template)).toThrow(new Error(message));
  });

  test.each([
    ["x {{ ToUpper .n }}", "line 1, column 6: argument 1 of ToUpper must be a string, not nil"],
    ["{{ ToUpper 1 }}", "line 1, column 4: argument 1 of ToUpper must be a string, not int"],
    ["{{ ToUpper }}", "line 1, column 4: ToUpper takes 1 argument, not 0"],
    ["{{ round 1 2 3 4 }}", "line 1, column 4: round takes 2 or 3 arguments, not 4"],
    ["{{ printf }}", "line 1, column 4: printf takes at least 1 argument, not 0"],
    ["{{ .x.y }}", "line 1, column 4: there is no field .y of a string"],
    ['{{ .x "y" }}', "line 1, column 4: only a function can have arguments"],
    ["{{ lt 1 .x }}", "line 1, column 4: int and string cannot be compared"],
    ["{{ range .x }}{{ end }}", "line 1, column 10: range cannot go over a string"],
    ['{{ fail "no" }}', "line 1, column 4: no"],
    ["{{ until 10000000 }}", "line 1, column 4: more than 1000000 numbers"],
    ["{{ range 10000000 }}{{ end }}", "line 1, column 10: range cannot go over more than 1000000 numbers"],
    ['{{ repeat 10000000 "x" }}', "line 1, column 4: more than 1000000 characters"],
    ['{{ repeat -1 "x" }}', "line 1, column 4: a text cannot be repeated -1 times"],
    [
      '{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}',
      "line 1, column 17: more than 500 templates within each other",
    ],
  ])("%j, when it is executed", (template, message) => {
    const compiled = compileTemplate(template);
    expect(() => compiled({ x: "text" })).toThrow(new Error(message));
  });
});

test("widths that would fill the memory are told and left out", () => {
  expect(
    compileTemplate('{{ printf "%2000000d" 1 }}{{ printf "%*d" 2000000 1 }}{{ printf "%.2000000f" 1.5 }}')({}),
  ).toBe("%!(BADWIDTH)1%!(BADWIDTH)1%!(BADWIDTH)1.500000");
});

test("slice takes strings too, by bytes", () => {
  const template = compileTemplate("{{ slice .x 1 3 }}|{{ slice .x 3 }}|{{ slice .x }}");
  expect(template({ x: "añb" })).toBe("ñ|b|añb");
  expect(() => template({ x: "a" })).toThrow("slice 1:3 is out of range of 1");
});

test("a template prints each data for itself", () => {
  const template = compileTemplate("{{ $x := .a }}{{ $x }}{{ with dict }}{{ end }}");
  expect([{ a: "1" }, { a: "2" }, {}].map(template)).toEqual(["1", "2", "<no value>"]);
});

test("data has no more keys than it was given", () => {
  expect(compileTemplate("{{ .constructor }}{{ .__proto__ }}{{ .toString }}")({})).toBe(
    "<no value><no value><no value>",
  );
  expect(() => compileTemplate("{{ constructor }}")).toThrow('function "constructor" is not defined');
});

test("the clock and the place are arguments", () => {
  const options = { now: () => 1_700_000_000_000, location: "Europe/Berlin" };
  const template = compileTemplate(
    '{{ unixEpoch now }} {{ ago (1699999910 | int64) }} {{ date "15:04" now }} {{ dateInZone "15:04" now "Asia/Tokyo" }}',
    options,
  );
  expect(template({})).toBe("1700000000 1m30s 23:13 07:13");
  expect(() => compileTemplate("x", { location: "Nowhere" })).toThrow('no time zone has the name "Nowhere"');
});

test("any text is a template or a mistake with a place", () => {
  const word = fc.constantFrom(
    ...[
      "{{",
      "}}",
      "{{-",
      "-}}",
      " ",
      "if",
      "else",
      "end",
      "range",
      "with",
      "define",
      "template",
      "block",
      "break",
      "$",
      "$x",
    ],
    ...[
      ":=",
      "=",
      ".",
      ".a",
      '"s"',
      "`r`",
      "'c'",
      "1",
      "1.5",
      "-",
      "|",
      ",",
      "(",
      ")",
      "nil",
      "true",
      "printf",
      "index",
      "\n",
      "é",
    ],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      try {
        compileTemplate(words.join(""))({ a: "x" });
      } catch (error) {
        expect((error as Error).message).toMatch(/^line \d+, column \d+: ./s);
      }
    }),
    { numRuns: 2000 },
  );
});

test("functions fail with a place whatever they are given", () => {
  const names = [
    ...[
      "add",
      "addf",
      "mulf",
      "round",
      "until",
      "untilStep",
      "seq",
      "trunc",
      "substr",
      "repeat",
      "split",
      "splitn",
      "join",
      "first",
    ],
    ...[
      "slice",
      "index",
      "dict",
      "dig",
      "merge",
      "toJson",
      "fromJson",
      "printf",
      "regexSplit",
      "regexReplaceAll",
      "date",
      "toDate",
    ],
    ...[
      "Replace",
      "indent",
      "chunk",
      "title",
      "urlParse",
      "b64dec",
      "eq",
      "lt",
      "len",
      "default",
      "durationRound",
      "abbrev",
    ],
  ];
  const operand = fc.constantFrom(
    ...[
      '""',
      '"abc"',
      '"%d%s"',
      '"("',
      "0",
      "-1",
      "3",
      "1.5",
      "1e300",
      "nil",
      "true",
      "(list 1 2)",
      '(dict "a" 1)',
      "now",
      ".a",
    ],
  );
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(operand, { maxLength: 4 }), (name, operands) => {
      try {
        compileTemplate(`{{ ${[name, ...operands].join(" ")} }}`)({ a: "x" });
      } catch (error) {
        expect((error as Error).message).toMatch(/^line \d+, column \d+: ./s);
        expect((error as Error).message).not.toMatch(/undefined|BigInt|Cannot (?:read|mix|convert)/);
      }
    }),
    { numRuns: 3000, examples: [["mulf", ["1e300", "1e300", "2"]]] },
  );
});
