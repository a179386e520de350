import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogQlError, parseLogQl } from "../../../src/formats/log-line/logql.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";

const labels = labelsFrom({ app: "nginx", env: "prod", text: "two\nlines" });
const line = "GET /index.html 200 took 15ms";

describe("a selector", () => {
  test.each([
    ["{}", true],
    ['{app="nginx"}', true],
    ['{app="ngin"}', false],
    ['{app!="nginx"}', false],
    ['{app!="x"}', true],
    ['{app=~"ngi.*"}', true],
    ['{app=~"ngi"}', false],
    ['{app=~"x|nginx"}', true],
    ['{app!~"ngi.*"}', false],
    ['{app!~"ngi"}', true],
    ['{text=~"two.lines"}', true],
    ['{app="nginx",env="prod"}', true],
    ['{app="nginx", env="dev"}', false],
    ['{absent=""}', true],
    ['{absent!=""}', false],
    ['{absent!~""}', false],
    ['{absent=~".*"}', true],
    ["{app=`nginx`}", true],
    ['{app="\\x6eginx"}', true],
    [' {\n app = "nginx" ,\n env != "dev"\n}\n', true],
  ])("%j", (text, want) => {
    expect(parseLogQl(text).matches(labels, line)).toBe(want);
  });
});

describe("line filters", () => {
  test.each([
    ['|= "index"', true],
    ['|= "Index"', false],
    ['!= "index"', false],
    ['!= "nothing"', true],
    ['|~ "[0-9]+ms"', true],
    ['|~ "^took"', false],
    ["|~ `\\d{2}ms$`", true],
    ['!~ "[0-9]+ms"', false],
    ['|~ "(?i)get"', true],
    ['|= "GET" |= "200" != "POST"', true],
    ['|= "GET" |= "404"', false],
    ['|= "q" or "200"', true],
    ['|= "q" or "z"', false],
    ['|= "q" or `z` or "GET" |~ "ms"', true],
    ['!= "q" or "z"', true],
    ['!= "q" or "200"', false],
    ['|~ "q+" or "2+"', true],
    ['!~ "q+" or "2+"', false],
    ['|= ""', true],
  ])("%s", (filters, want) => {
    expect(parseLogQl(`{app="nginx"} ${filters}`).matches(labels, line)).toBe(want);
    expect(parseLogQl(`{app="other"}${filters}`).matches(labels, line)).toBe(false);
  });

  test("find any text that the line has, and nothing else", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, part, after) => {
        const text = `{} |= ${JSON.stringify(part.toWellFormed()).replaceAll(/\\u(d[89a-f])/g, "$1")}`;
        expect(parseLogQl(text).matches([], before + part + after)).toBe(true);
        expect(parseLogQl(text.replace("|=", "!=")).matches([], before + part + after)).toBe(false);
      }),
    );
  });
});

describe("a mistake is told with its place", () => {
  test.each([
    ["", 0, "unexpected end, there should be { and the matchers of labels"],
    ["app", 0, "unexpected app, there should be { and the matchers of labels"],
    ["{app}", 4, "unexpected }, there should be =, !=, =~ or !~"],
    ['{app="x"', 8, "unexpected end, there should be , or }"],
    ['{app="x",}', 9, "unexpected }, there should be the name of a label"],
    ['{app="x" env="y"}', 9, "unexpected env, there should be , or }"],
    ["{app=x}", 5, "unexpected x, there should be a string in quotes"],
    ['{app="x}', 5, "the string is not closed"],
    ["{app=`x}", 5, "the string is not closed"],
    ['{app="\\q"}', 5, '"\\q" has an escape that Go does not know'],
    ['{app=~"("}', 6, "error parsing regexp: missing closing ): `^(?s:()$`"],
    ['{} |~ "["', 6, "error parsing regexp: missing closing ]: `[`"],
    ["{} |= ", 6, "unexpected end, there should be a string in quotes"],
    ['{} |= "a" or', 12, "unexpected end, there should be a string in quotes"],
    ['{} = "a"', 3, "unexpected =, there should be |=, !=, |~ or !~"],
    ["{} | json", 3, "unexpected |"],
  ])("%j", (text, offset, message) => {
    const error = new LogQlError(message, offset);
    expect(() => parseLogQl(text)).toThrow(error);
    expect(error.message).toBe(`column ${offset + 1}: ${message}`);
  });

  test("as an offset too", () => {
    try {
      parseLogQl("{} | json");
      expect.unreachable();
    } catch (error) {
      expect((error as LogQlError).offset).toBe(3);
    }
  });
});
