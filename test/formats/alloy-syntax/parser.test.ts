import { expect, test } from "vitest";
import { parseAlloy } from "../../../src/formats/alloy-syntax/parser.ts";
import { AlloyError, type Expression, type Statement } from "../../../src/formats/alloy-syntax/syntax.ts";

/** Statements as one writes them, fully bracketed and without places. */
function shown(statements: readonly Statement[]): string {
  return statements
    .map((statement) =>
      statement.kind === "attribute"
        ? `${statement.name} = ${expression(statement.value)}`
        : `${statement.name} ${statement.label ?? "-"} {${shown(statement.body)}}`,
    )
    .join("; ");
}

function expression(of: Expression): string {
  switch (of.kind) {
    case "literal":
      return JSON.stringify(of.value);
    case "array":
      return `[${of.items.map(expression).join(", ")}]`;
    case "object":
      return `{${of.fields.map(({ name, value }) => `${name} = ${expression(value)}`).join(", ")}}`;
    case "name":
      return of.name;
    case "field":
      return `${expression(of.of)}.${of.name}`;
    case "index":
      return `${expression(of.of)}[${expression(of.index)}]`;
    case "call":
      return `${expression(of.callee)}(${of.args.map(expression).join(", ")})`;
    case "unary":
      return `(${of.operator}${expression(of.operand)})`;
    default:
      return `(${expression(of.left)} ${of.operator} ${expression(of.right)})`;
  }
}

function mistake(text: string): string {
  try {
    parseAlloy(text);
  } catch (error) {
    if (error instanceof AlloyError) return `${error.range.line}:${error.range.column} ${error.message}`;
    throw error;
  }
  return "";
}

test("blocks nest, have dotted names and labels, and comments are nothing", () => {
  const text = `
// a comment
logging { level = "warn" } /* another
over two lines */ http { }
prometheus.scrape "apps" {
	targets    = discovery.file.apps.targets // at the end
	clustering { enabled = true }

	params = { "collect[]" = ["a", "b"], }
}
`;
  expect(shown(parseAlloy(text))).toBe(
    'logging - {level = "warn"}; http - {}; prometheus.scrape apps {targets = discovery.file.apps.targets; ' +
      'clustering - {enabled = true}; params = {collect[] = ["a", "b"]}}',
  );
});

test("operators bind as in Alloy, and the power goes from right to left", () => {
  const f = (text: string, want: string) => expect(shown(parseAlloy(`a = ${text}`))).toBe(`a = ${want}`);
  f("1 + 2 * 3 ^ 2 ^ 2", "(1 + (2 * (3 ^ (2 ^ 2))))");
  f("10 - 2 - 3", "((10 - 2) - 3)");
  f("!a.b && -c < 4 || d == null", "(((!a.b) && ((-c) < 4)) || (d == null))");
  f("(1 + 2) * f(x, [y][0],).z", "((1 + 2) * f(x, [y][0]).z)");
});

test("strings have Go's escapes, or none between backquotes; numbers may have fractions", () => {
  const f = (text: string, want: string) => expect(shown(parseAlloy(`a = ${text}`))).toBe(`a = ${want}`);
  f(String.raw`"a\"b\\c\n\u00e9\x41\101"`, JSON.stringify('a"b\\c\néAA'));
  f("`a\\d\nb`", JSON.stringify("a\\d\nb"));
  f("[1.5, .5, 2e3]", "[1.5, 0.5, 2000]");
});

test("a line ends a statement outside of brackets, and not inside", () => {
  expect(shown(parseAlloy("a = [\n1,\n2\n]\nb = f(\n1\n+ 2)\nc = 3; d = 4"))).toBe(
    "a = [1, 2]; b = f((1 + 2)); c = 3; d = 4",
  );
  expect(shown(parseAlloy("a = x\nb = [0]"))).toBe("a = x; b = [0]");
});

test("mistakes have a place", () => {
  expect(mistake("a = 1 b = 2")).toBe("1:7 a new line was expected before `b`");
  expect(mistake("a = \n")).toBe("2:1 a value was expected, found `the end of the file`");
  expect(mistake('x "y"\n')).toBe("2:1 `=` or `{` was expected after `x`");
  expect(mistake("x {\n  a = [1, 2\n")).toBe("3:1 `]` was expected before `the end of the file`");
  expect(mistake('a = "x\n')).toBe("1:5 a string begins here and does not end");
  expect(mistake("a = 1\n/* b")).toBe("2:1 a comment begins here and does not end");
  expect(mistake("a = @")).toBe("1:5 `@` has no meaning here");
  expect(mistake(String.raw`a = "\y"`)).toContain("is no escape");
  expect(mistake(`a = ${"[".repeat(300)}`)).toContain("nested more than");
});
