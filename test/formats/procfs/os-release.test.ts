import { expect, test } from "vitest";
import { parseOsRelease } from "../../../src/formats/procfs/os-release.ts";

test("values are read as a shell would", () => {
  const f = (input: string, want: Record<string, string>) =>
    expect(Object.fromEntries(parseOsRelease(input))).toEqual(want);

  f("ID=debian\nVERSION_ID=\"12\"\nNAME='Debian GNU/Linux'\n", {
    ID: "debian",
    VERSION_ID: "12",
    NAME: "Debian GNU/Linux",
  });
  f("# a comment\n\n  export ID = arch  # rolling\n", { ID: "arch" });
  f('NAME="a \\"b\\" \\$c \\\\ \\n"\n', { NAME: 'a "b" $c \\ \\n' });
  f("NAME='it'\\''s'\"!\"\n", { NAME: "it's!" });
  f("EMPTY=\nHASH=a#b\n", { EMPTY: "", HASH: "a#b" });
  f("ID=first\nID=second\n", { ID: "second" });
});

test("a line that is no assignment fails", () => {
  const f = (input: string) =>
    expect(() => parseOsRelease(input)).toThrow(
      new Error(`cannot parse os-release: unexpected line ${JSON.stringify(input)}`),
    );

  f("Debian GNU/Linux 12");
  f("1ID=x");
  f('NAME="open');
  f("NAME=two words");
});
