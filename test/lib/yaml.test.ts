import { expect, test } from "vitest";
import { parseYaml, parseYamlTree, resolvePlainScalar, YamlError } from "../../src/lib/yaml.ts";

test("reads plain values by the core schema of YAML 1.2", () => {
  expect(parseYaml("a: 1\nb: [yes, true, 1.10, 010, null, '1']\nc: {}\n")).toEqual({
    a: 1,
    b: ["yes", true, 1.1, 10, null, "1"],
    c: {},
  });
  expect(parseYaml("")).toBeNull();
  expect(parseYaml("base: &b { x: 1 }\nother: *b\n")).toEqual({ base: { x: 1 }, other: { x: 1 } });
});

test("refuses what is broken, with line and column", () => {
  const f = (text: string, message: string) => {
    expect(() => parseYaml(text)).toThrow(YamlError);
    expect(() => parseYaml(text)).toThrow(message);
  };
  f("a: 1\na: 2\n", "`a` is given twice; the first is on line 1 (line 2, column 1)");
  f("a:\n\tb: 1\n", "a tab indents this line; YAML wants spaces (line 2, column 1)");
  f("a: [1\nb: 2\n", "a `]` is missing before this line (line 2, column 1)");
  f("a: 1\n---\nb: 2\n", "a second document begins here; a file holds one (line 2, column 1)");
  f("a: *nobody\n", "no anchor &nobody above this alias");
});

test("does not follow a bomb of aliases or endless nesting", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let n = 1; n < 10; n++)
    bomb.push(
      `a${n}: &a${n} [${Array(10)
        .fill(`*a${n - 1}`)
        .join(", ")}]`,
    );
  expect(() => parseYaml(bomb.join("\n"))).toThrow("aliases stand for more than 10000 values");
  expect(() => parseYaml(`${"[".repeat(200)}${"]".repeat(200)}`)).toThrow("nested more than 100 levels deep");
});

test("knows where everything stands, and how a scalar was written", () => {
  const { root } = parseYamlTree('host: # a comment\n  port: 0080\n  name: "a b"\n');
  expect(root).toMatchObject({
    entries: [
      {
        key: "host",
        keyRange: { line: 1, column: 1, length: 4 },
        value: {
          entries: [
            { key: "port", value: { value: 80, text: "0080", plain: true, range: { line: 2, column: 9, length: 4 } } },
            {
              key: "name",
              value: { value: "a b", text: "a b", plain: false, raw: '"a b"', range: { line: 3, column: 9 } },
            },
          ],
        },
      },
    ],
  });
});

test("makes of an unquoted text what YAML would, and never more than a scalar", () => {
  const f = (text: string, want: unknown) => expect(resolvePlainScalar(text), text).toEqual(want);
  f("80", 80);
  f("true", true);
  f("15s", "15s");
  f("null", null);
  f("", "");
  f("a: b", "a: b");
  f("[1, 2]", "[1, 2]");
  f('"80"', '"80"');
  f("x # y", "x # y");
  f("*alias", "*alias");
  f("80\n", "80\n");
});
