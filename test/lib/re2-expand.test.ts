import { expect, test } from "vitest";
import { compileAnchored } from "../../src/lib/re2.ts";
import { compileExpand } from "../../src/lib/re2-expand.ts";

test("templates are Go's", () => {
  const regex = compileAnchored("(?P<word>a+)(b)?(?P<1x>c)?");
  function f(template: string, want: string) {
    expect(compileExpand(template, regex)("aac", regex.find("aac") ?? []), template).toBe(want);
  }
  f("", "");
  f("plain", "plain");
  f("$0", "aac");
  f("$1", "aa");
  f("<$1>", "<aa>");
  f("$2", "");
  f("$9", "");
  f("$1x", "c");
  f("${1}x", "aax");
  f("$word", "aa");
  f("${word}$word", "aaaa");
  f("$words", "");
  f("$wordé", "");
  f("$word-é", "aa-é");
  f("$$1", "$1");
  f("$$$1", "$aa");
  f("$", "$");
  f("$&$-", "$&$-");
  f("${word", "${word");
  f("${wo rd}", "${wo rd}");
  f("${}", "${}");
  f("${${1}}", "${aa}");
  f("$01", "");
});
