import fc from "fast-check";
import { expect, test } from "vitest";
import { parseYaml, parseYamlTree, type YamlNode } from "../../src/lib/yaml.ts";
import { yamlText } from "../../src/lib/yaml-text.ts";

const range = { line: 1, column: 1, length: 1 };

function tree(value: unknown): YamlNode {
  if (Array.isArray(value)) return { kind: "list", items: value.map(tree), range };
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => ({ key, keyRange: range, value: tree(each) }));
    return { kind: "map", entries, range };
  }
  return { kind: "scalar", value, text: String(value), plain: true, raw: String(value), range };
}

test("sections stand apart, with their comments above, and those of the file at its head", () => {
  const sections = [
    { key: "a.b", value: tree({ list: ["x", "y"], empty: {}, none: null }), comments: ["one", "two"] },
    { key: "c.d", value: tree([{ deep: ["${env:A}"] }]), comments: [] },
  ];
  expect(yamlText(sections, ["head"])).toBe(`# head

# one
# two
a.b:
  list: [x, y]
  empty: {}
  none: null

c.d:
  - deep:
      - \${env:A}
`);
  expect(yamlText([], ["head"])).toBe("# head\n");
});

test("what was spelled keeps its meaning: texts that look like numbers are quoted, and spellings of numbers are kept as text", () => {
  const { root } = parseYamlTree("a: '1'\nb: 1.10\nc: 'true'\nd: 80\ne: \"x: y\"\nf: 0x10\n");
  const value = root ?? tree({});
  expect(yamlText([{ key: "k", value, comments: [] }])).toBe(
    'k:\n  a: "1"\n  b: "1.10"\n  c: "true"\n  d: 80\n  e: "x: y"\n  f: "0x10"\n',
  );
});

test("any tree is read back as it was written", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.stringMatching(/^[-?:,[\]{}#&*!|>'"%@` ~a0.\n]*$/),
    fc.constantFrom(
      "null",
      "~",
      "yes",
      "1e3",
      "0x1F",
      "2001-01-01",
      "${env:A}",
      "- a",
      "a: b",
      " lead",
      "trail ",
      "a\n\nb\n",
    ),
  );
  const { value } = fc.letrec((tie) => ({
    leaf: fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    value: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 4 },
      ),
    ),
  }));
  fc.assert(
    fc.property(value, (wanted) => {
      fc.pre(JSON.stringify(wanted).isWellFormed());
      const written = yamlText([{ key: "k", value: tree(wanted), comments: [] }]);
      expect(parseYaml(written), written).toEqual({ k: wanted });
    }),
    { numRuns: 100 },
  );
});
