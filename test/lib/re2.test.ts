import fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compileAnchored, compileRe2, firstSpanText, replaceAll, spanText } from "../../src/lib/re2.ts";

describe("compileRe2", () => {
  test("searches anywhere in the text", () => {
    const re = compileRe2("b+");
    expect(re.test("abba")).toBe(true);
    expect(re.test("aa")).toBe(false);
  });

  test("finds one match after the other, with the spans of its groups", () => {
    const re = compileRe2("(?P<key>[a-z]+)=(\\d+)?");
    expect(re.find("a=1 bc=")).toEqual([0, 3, 0, 1, 2, 3]);
    expect(re.find("a=1 bc=", 3)).toEqual([4, 7, 4, 6, -1, -1]);
    expect(re.find("a=1 bc=", 5)).toEqual([5, 7, 5, 6, -1, -1]);
    expect(re.find("a=1 bc=", 7)).toBeUndefined();
    expect(re.groups).toEqual(new Map([["key", [1]]]));
  });

  test("gives the text of a group, or nothing where it took no part", () => {
    const spans = compileRe2("(a)|(b)").find("xb") ?? [];
    expect([0, 1, 2, 3].map((n) => spanText("xb", spans, n))).toEqual(["b", "", "b", ""]);
  });

  test("counts a start of text only at the start, also for a later search", () => {
    expect(compileRe2("^a").find("aa", 1)).toBeUndefined();
  });

  test("matches code points, not halves of them", () => {
    expect(compileRe2("^.$").test("😀")).toBe(true);
    expect(compileRe2("[^a]").find("😀")).toEqual([0, 2]);
  });

  test("understands what RE2 does and RegExp does not", () => {
    expect(compileRe2("(?i)^k$").test("\u212a")).toBe(true);
    expect(compileRe2("^[[:alpha:]]\\z").test("x")).toBe(true);
    expect(compileRe2("^(.+?)(\\:\\d+)?$").find("host:80")).toEqual([0, 7, 0, 4, 4, 7]);
    expect(compileRe2("^\\s$").test("\u00a0")).toBe(false);
  });

  test("does not hang on a pattern that backtracking cannot bear", () => {
    expect(compileRe2("^(a+)+b$").test("a".repeat(5_000))).toBe(false);
  });

  test("refuses what RE2 refuses, in RE2's words", () => {
    expect(() => compileRe2("a(b")).toThrow("error parsing regexp: missing closing ): `a(b`");
    expect(() => compileRe2("a**")).toThrow("error parsing regexp: invalid nested repetition operator: `**`");
    expect(() => compileRe2("(?=a)")).toThrow("error parsing regexp: invalid or unsupported Perl syntax: `(?=`");
    expect(() => compileRe2("\\1")).toThrow("error parsing regexp: invalid escape sequence: `\\1`");
    expect(() => compileRe2("a{1001}")).toThrow("error parsing regexp: invalid repeat count: `{1001}`");
  });
});

describe("compileAnchored", () => {
  test("matches whole texts only, and newlines with dots", () => {
    function matches(source: string, text: string, want: boolean) {
      expect(compileAnchored(source).test(text), `${source} on ${text}`).toBe(want);
    }
    matches("a", "ab", false);
    matches("a|b", "b", true);
    matches("a|b", "ab", false);
    matches("a.b", "a\nb", true);
    matches("", "", true);
    matches("", "a", false);
    matches("a|", "", true);
    matches("(.*)", "a\nb", true);
    matches("f)|(o", "foot", true);
    matches("f)|(o", "too", true);
    matches("f)|(o", "oaf", false);
  });

  test("refuses a pattern that is broken after it was wrapped", () => {
    expect(() => compileAnchored("a)b(")).not.toThrow();
    expect(() => compileAnchored("a)")).toThrow("error parsing regexp: unexpected ): `^(?s:a))$`");
  });

  test("answers simple patterns without the engine as the engine would", () => {
    const part = fc.constantFrom(..."|:-/ *+?()\\^$".split(""), "", "a", "b", "ab", "a.b", "(.*)", "{2}", "{0}", "😀");
    const source = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(""));
    const text = fc.array(fc.constantFrom("a", "b", "ab", "|", ":", "-", "/", " ", "\n", "😀"), { maxLength: 3 });
    fc.assert(
      fc.property(source, text, fc.nat(2), (pattern, parts, from) => {
        const input = parts.join("");
        const oracle = compiledOrError(() => compileRe2(`^(?s:${pattern})$`));
        const re = compiledOrError(() => compileAnchored(pattern));
        if (typeof oracle === "string" || typeof re === "string") {
          expect(re).toEqual(oracle);
          return;
        }
        expect(re.test(input)).toBe(oracle.test(input));
        const start = Math.min(from, input.length);
        expect(re.find(input, start)).toEqual(oracle.find(input, start));
      }),
      { numRuns: 5_000 },
    );
  });
});

test("every match is replaced, but for an empty one right behind another, as in Go", () => {
  function f(pattern: string, text: string, want: string) {
    expect(replaceAll(compileRe2(pattern), text, (spans) => `<${spanText(text, spans, 0)}>`)).toBe(want);
  }
  f("a", "banana", "b<a>n<a>n<a>");
  f("a*", "baaac", "<>b<aaa>c<>");
  f("", "a😀b", "<>a<>😀<>b<>");
  f("x", "", "");
  f("x*", "", "<>");
  f("^a", "aa", "<a>a");
});

test("test and find agree with each other and with the library's own matcher", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    ".",
    "(a)",
    "(b*)",
    "[^a]",
    "a*?",
    "(?i:A)",
    "\\b",
    "|",
    "(?:ab)+",
    "$",
    "^",
    "😀",
  );
  const source = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
  const text = fc.array(fc.constantFrom("a", "b", "A", " ", "\n", "é", "😀"), { maxLength: 8 }).map((p) => p.join(""));
  fc.assert(
    fc.property(source, text, (pattern, input) => {
      const re = compiledOrError(() => compileRe2(pattern));
      if (typeof re === "string") return;
      const spans = re.find(input);
      expect(re.test(input)).toBe(spans !== undefined);
      const exec = RE2JS.compile(pattern).exec(input);
      expect(spans && spanText(input, spans, 0)).toEqual(exec?.[0]);
    }),
    { numRuns: 5_000 },
  );
});

function compiledOrError<T>(compile: () => T): T | string {
  try {
    return compile();
  } catch (error) {
    return (error as Error).message;
  }
}

test("the first of the groups that share a name, and took part in the match, is the one", () => {
  const re = compileRe2("(?P<n>a)|(?P<n>b)");
  expect(re.groups).toEqual(new Map([["n", [1, 2]]]));
  expect(["a", "b"].map((text) => firstSpanText(text, re.find(text) ?? [], [1, 2]))).toEqual(["a", "b"]);
  expect(firstSpanText("a", re.find("a") ?? [], [2])).toBe("");
});
