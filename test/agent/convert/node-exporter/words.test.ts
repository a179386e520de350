import { expect, test } from "vitest";
import { flagWords } from "../../../../src/agent/convert/node-exporter/words.ts";

const f = (text: string) => flagWords(text).map(({ text: word, range }) => `${range.line}:${range.column} ${word}`);

test("a line of words, the program left out", () => {
  expect(f("/usr/bin/node_exporter --a --b=c d")).toEqual(["1:24 --a", "1:28 --b=c", "1:34 d"]);
});

test("quotes and backslashes are those of a shell", () => {
  expect(f(`--a="b c" --d='e "f"' --g=h\\ i --j="k\\.l\\"" `)).toEqual([
    "1:1 --a=b c",
    '1:11 --d=e "f"',
    "1:23 --g=h i",
    '1:32 --j=k\\.l"',
  ]);
});

test("of a unit only ExecStart and its continued lines count", () => {
  const unit = "[Service]\nEnvironment=--no\nExecStart=/bin/x --a \\\n  --b\nExecReload=/bin/x --c\n# --d\n";
  expect(f(unit)).toEqual(["3:18 --a", "4:3 --b"]);
});

test("of variables the values count, with and without quotes", () => {
  expect(f("# --no\nARGS=\"--a --b='c d'\"\nexport MORE=--e\n")).toEqual(["2:7 --a", "2:11 --b=c d", "3:13 --e"]);
});
