import { expect, test } from "vitest";
import { type Flag, readCommandLine, repeatedFlag, usageText } from "../../src/lib/kingpin.ts";

const base = { isRepeatable: false, isHidden: false, help: "Some help." };
const flags: readonly Flag[] = [
  { ...base, name: "help", isSwitch: true, help: "Show help." },
  { ...base, name: "size", isSwitch: false, default: "40", help: `${"word ".repeat(20)}end.` },
  { ...base, name: "address", isSwitch: false, isRepeatable: true },
  { ...base, name: "fast", isSwitch: true },
  { ...base, name: "old", isSwitch: false, isHidden: true },
];

const files: Readonly<Record<string, string>> = { "/args": "# comment\n--size=3\n--fast\n", "/gap": "--fast\n\n" };

/** `name=value` of each flag, and the mistake behind them. */
function read(...argv: string[]): string[] {
  const { given, mistake } = readCommandLine(argv, flags, (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
    return text;
  });
  const texts = given.map(({ flag, value }) => `${flag.name}=${value}`);
  return mistake === undefined ? texts : [...texts, `! ${mistake}`];
}

test("values stand behind an equals sign or in the next word, and switches have a twin", () => {
  expect(read("--size=3", "--size", "4", "--size=", "--address=a=b")).toEqual([
    "size=3",
    "size=4",
    "size=",
    "address=a=b",
  ]);
  expect(read("--fast", "--no-fast", "--old=1", "-h", "--no-help")).toEqual([
    "fast=true",
    "fast=false",
    "old=1",
    "help=true",
    "help=false",
  ]);
  expect(read("--size=@/args", "--size=--fast", "--")).toEqual(["size=@/args", "size=--fast"]);
});

test("a file of arguments stands for its lines", () => {
  expect(read("@/args", "--no-fast")).toEqual(["size=3", "fast=true", "fast=false"]);
  expect(read("@/gap")).toEqual(["fast=true", "! unexpected "]);
  expect(read("@/none")).toEqual(['! failed to open arguments file "/none": open /none: no such file or directory']);
});

test("mistakes are named in kingpin's words, and what came before them stands", () => {
  expect(read("--fast", "--slow")).toEqual(["fast=true", "! unknown long flag '--slow'"]);
  expect(read("--no-size")).toEqual(["! unknown long flag '--no-size'"]);
  expect(read("--fast=false")).toEqual(["fast=true", "! unexpected false"]);
  expect(read("--size")).toEqual(["! expected argument for flag '--size'"]);
  expect(read("--size", "--fast")).toEqual(["! expected argument for flag '--size'"]);
  expect(read("-x")).toEqual(["! unknown short flag '-x'"]);
  expect(read("-")).toEqual(["! unknown short flag '-'"]);
  expect(read("--", "--fast")).toEqual(["! unexpected --fast"]);
});

test("only some flags may be repeated", () => {
  const repeated = (...argv: string[]) => repeatedFlag(readCommandLine(argv, flags, () => "").given);
  expect(repeated("--address=a", "--address=b", "--fast")).toBeUndefined();
  expect(repeated("--fast", "--no-fast")).toBe("flag 'fast' cannot be repeated");
});

test("the usage shows every flag that is not hidden, in eighty columns", () => {
  expect(usageText("program", flags)).toBe(`usage: program [<flags>]

Flags:
  -h, --help                     Show help.
      --size=40                  word word word word word word word word word
                                 word word word word word word word word word
                                 word word end.
      --address=ADDRESS ...      Some help.
      --[no-]fast                Some help.
`);
});
