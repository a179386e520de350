import { expect, test } from "vitest";
import { goSyntax } from "../../src/lib/re2-syntax.ts";

test("properties get the names that RE2JS knows", () => {
  function f(pattern: string, want: string) {
    expect(goSyntax(pattern).pattern).toBe(want);
  }
  f("a+", "a+");
  f("\\p{Letter}\\p{lu}\\P{Uppercase_Letter}\\p{^decimal number}", "\\p{L}\\p{Lu}\\P{Lu}\\P{Nd}");
  f("\\p{greek}\\p{old_italic}\\P{^Thai}\\p{Any}", "\\p{Greek}\\p{Old_Italic}\\p{Thai}\\p{Any}");
  f("\\p{ASCII}[\\p{ASCII}é]\\P{ascii}", "[\\x00-\\x7F][\\x00-\\x7Fé][\\x{80}-\\x{10FFFF}]");
  f("\\p{LC}[x\\p{LC}]\\P{LC}", "[\\p{Lu}\\p{Ll}\\p{Lt}][x\\p{Lu}\\p{Ll}\\p{Lt}][^\\p{Lu}\\p{Ll}\\p{Lt}]");
  f("\\Q\\p{Letter}\\E\\\\p{Letter}", "\\Q\\p{Letter}\\E\\\\p{Letter}");
  f("[]\\p{Letter}][[:alpha:]\\p{ASCII}][a[]\\p{ASCII}", "[]\\p{L}][[:alpha:]\\x00-\\x7F][a[][\\x00-\\x7F]");
});

test("properties that are neither categories nor scripts are refused", () => {
  for (const name of ["Emoji", "Script=Greek", "Grek", "", "Nonsense", "Lx"]) {
    expect(() => goSyntax(`a\\p{${name}}`), name).toThrow(
      `error parsing regexp: invalid character class range: \`\\p{${name}}\``,
    );
  }
});

test("groups that share a name are told by their numbers", () => {
  const { pattern, repeated } = goSyntax("(?P<n>a)|(b)|[(?P<n>](?<n>c)|(?:d)\\((?P<n>e)(?P<m>f)");
  expect(pattern).toBe("(?P<n>a)|(b)|[(?P<n>](c)|(?:d)\\((e)(?P<m>f)");
  expect(repeated).toEqual(new Map([["n", [3, 4]]]));
});
