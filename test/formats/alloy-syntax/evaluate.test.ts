import { expect, test } from "vitest";
import { evaluate } from "../../../src/formats/alloy-syntax/evaluate.ts";
import { standardLibrary } from "../../../src/formats/alloy-syntax/library.ts";
import { parseAlloy } from "../../../src/formats/alloy-syntax/parser.ts";
import { AlloyError } from "../../../src/formats/alloy-syntax/syntax.ts";
import { type AlloyValue, Later } from "../../../src/formats/alloy-syntax/values.ts";

const later = { what: "receiver" };

const names: Record<string, AlloyValue> = {
  ...standardLibrary({
    env: (name) => Later.of({ env: name }),
    orElse: (value, fallback) => Later.of({ ...value.only, fallback }),
    constants: { hostname: "vm" },
  }),
  known: { list: [1, 2, 3], object: { "a-b": "c" } },
};

function value(text: string): AlloyValue | string {
  const [statement] = parseAlloy(`a = ${text}`);
  if (statement?.kind !== "attribute") throw new Error("no attribute");
  const scope = {
    resolve(path: readonly string[]) {
      if (path.slice(0, 3).join(".") === "loki.write.a") return { value: Later.of(later), used: 4 };
      const found = names[path[0] ?? ""];
      return found === undefined ? undefined : { value: found, used: 1 };
    },
  };
  try {
    return evaluate(statement.value, scope);
  } catch (error) {
    if (error instanceof AlloyError) return `${error.range.column}: ${error.message}`;
    throw error;
  }
}

const f = (text: string, want: unknown) => expect(value(text), text).toEqual(want);

test("operators calculate, compare and join", () => {
  f("7 / 2", 3);
  f("7.0 / 2.5", 2.8);
  f("2 ^ 3 % 5 - -1", 4);
  f('"a" + "b" == "ab" && !(1 >= 2)', true);
  f('"a" < "b"', true);
  f('1 + "2"', 3);
  f("[1, {a = 2}] == [1, {a = 2}]", true);
  f("1 / 0", "5: division by zero");
  f('true + "a"', "5: `+` does not go with bool and string");
  f("-null", "5: `-` takes no null");
});

test("fields and items are found, and missed with a place", () => {
  f("known.list[1]", 2);
  f('known.object["a-b"]', "c");
  f('known.object["none"]', null);
  f("[[1, 2]][0][1]", 2);
  f("known.none", "5: object has no `none`");
  f("known.list[9]", "5: there is no item 9 in a list of 3");
  f("none.at.all", "5: there is no `none.at.all`");
  f("constants.hostname()", "5: string cannot be called");
});

test("the library's functions on strings", () => {
  f('string.format("%s-%05.1f-%q-%4d|%-4d|%t%%", "a", 2.25, "q", 7, 7, true)', 'a-002.3-"q"-   7|7   |true%');
  f('string.format("%d", "a")', "5: %d does not go with string");
  f('string.format("%s")', "5: there is no argument for %s");
  f('string.join(["a", 1], "-")', "a-1");
  f('string.split("a,b", ",")', ["a", "b"]);
  f('string.replace("a.b.c", ".", "$&")', "a$&b$&c");
  f('string.to_upper("a") + string.to_lower("B")', "Ab");
  f('string.trim("xxaxbxx", "x")', "axb");
  f('[string.trim_prefix("ab", "a"), string.trim_suffix("ab", "b"), string.trim_space(" a ")]', ["b", "a", "a"]);
  f('string.to_upper("a", "b")', "5: 1 arguments are wanted, found 2");
  f("string.to_upper(true)", "5: string expected, found bool");
});

test("the library's functions on lists, texts of other languages and paths", () => {
  f("array.concat([1], [], [2, 3])", [1, 2, 3]);
  f('array.combine_maps([{i = "1", a = "x"}, {i = "2"}], [{i = "1", b = "y"}], ["i"])', [{ i: "1", a: "x", b: "y" }]);
  f('array.group_by([{k = "a", v = 1}, {v = 2}], "k", true)', [{ k: "a", items: [{ k: "a", v: 1 }] }]);
  f('encoding.from_json("{\\"a\\": [1]}").a[0]', 1);
  f('encoding.from_yaml("a: [1]").a[0]', 1);
  f('encoding.to_base64("ü?>") + encoding.to_URLbase64("ü?>")', "w7w/Pg==w7w_Pg==");
  f('encoding.from_base64("YQ==") + encoding.from_URLbase64("YQ==")', "aa");
  f('encoding.url_encode("a b&c/*") + encoding.url_decode("a+b%26")', "a+b%26c%2F%2Aa b&");
  f('file.path_join("/a", "../b", "c")', "/b/c");
  f('coalesce("", null, [], "x", "y")', "x");
  f(`json_path("{\\"a\\": [{\\"b\\": 1}, {\\"b\\": 2}]}", "$.a[*].b")`, [1, 2]);
  f(`json_path("{\\"a\\": {\\"b\\": [3, 4]}}", "..b[-1]")`, [4]);
  f('json_path("{}", "$.a[?(@.b)]")', "5: the JSONPath `$.a[?(@.b)]` is not understood");
  f('encoding.from_json("{")', expect.stringMatching(/^5: /));
});

test("the old names without a namespace work", () => {
  f("concat([1], [2])", [1, 2]);
  f('format("%s", to_upper("a")) + join(split("a b", " "), "-") + json_decode("\\"1\\"")', "Aa-b1");
});

test("what is known only at run time goes through text, and nowhere else", () => {
  f('sys.env("A")', Later.of({ env: "A" }));
  f(
    '"http://" + env("A") + string.format("/%s", sys.env("B"))',
    new Later(["http://", { env: "A" }, "/", { env: "B" }]),
  );
  f('coalesce(sys.env("A"), "b")', Later.of({ env: "A", fallback: "b" }));
  f('convert.nonsensitive(sys.env("A"))', Later.of({ env: "A" }));
  f("array.concat(loki.write.a.receiver, [1])", [Later.of(later), 1]);
  f('string.to_upper(sys.env("A"))', "5: the value of an argument is known only at run time");
  f('sys.env("A") == "b"', "5: `==` needs a value that is known only at run time");
  f("loki.write.a.receiver.more", "5: `more` is a part of what is known only at run time");
});
