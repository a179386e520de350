import { expect, test } from "vitest";
import { pageMistake } from "../../../src/agent/scrape-once/page-mistakes.ts";

test("a mistake has its line, and the column where its message makes that clear", () => {
  const page = 'a 1\nb{x="y"} oops\nc x x\n# TYPE d foo\n';
  const f = (told: string, line: number | undefined, text: string | undefined, column: number | undefined) =>
    expect(pageMistake(told, page)).toEqual({ message: told.replace(/^line \d+: /, ""), line, text, column });

  f('line 2: expected a value, found "oops"', 2, 'b{x="y"} oops', 10);
  f('line 3: expected a value, found "x"', 3, "c x x", undefined);
  f('line 4: invalid metric type "foo"', 4, "# TYPE d foo", 10);
  f("line 1: expected a value", 1, "a 1", 4);
  f("line 1: expected a comma, found the end of the line", 1, "a 1", 4);
  f("line 1: invalid UTF-8", 1, "a 1", undefined);
  f('line 1: expected a value, found ""', 1, "a 1", undefined);
  f("line 9: expected a value", 9, "", 1);
  f('a metric family without a name, "a"', undefined, undefined, undefined);
});
