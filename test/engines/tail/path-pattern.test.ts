import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findPaths, literalPath, type PathPattern, parsePathPattern } from "../../../src/engines/tail/path-pattern.ts";
import { realTailFiles } from "../../../src/engines/tail/tail-files.ts";
import { tempDir } from "../../support/temp-dir.ts";

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

function files(...names: string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(dir.path, name)), { recursive: true });
    writeFileSync(join(dir.path, name), "");
  }
}

async function find(pattern: string | PathPattern) {
  const parsed = typeof pattern === "string" ? parsePathPattern(join(dir.path, pattern)) : pattern;
  const failures: string[] = [];
  const { paths, folders } = await findPaths(realTailFiles, parsed, (folder) => failures.push(folder));
  for (const path of paths) expect(parsed.matches(path)).toBe(true);
  const below = (path: string) => path.slice(dir.path.length + 1);
  return { paths: paths.map(below), folders: folders.map(below), failures: failures.map(below) };
}

test("wildcards stand for what doublestar has them stand for", async () => {
  files("a.log", "ab.log", "b.txt", "x/a.log", "x/y/z/deep.log", ".hidden.log", "[1].log");
  expect((await find("*.log")).paths).toEqual([".hidden.log", "[1].log", "a.log", "ab.log"]);
  expect((await find("?.{log,txt}")).paths).toEqual(["a.log", "b.txt"]);
  expect((await find("[a-b]*.log")).paths).toEqual(["a.log", "ab.log"]);
  expect((await find("[!a]*")).paths).toEqual([".hidden.log", "[1].log", "b.txt"]);
  expect((await find("**/*.log")).paths).toEqual([
    ".hidden.log",
    "[1].log",
    "a.log",
    "ab.log",
    "x/a.log",
    "x/y/z/deep.log",
  ]);
  expect((await find("x/**")).paths).toEqual(["x/a.log", "x/y/z/deep.log"]);
  expect((await find("{x,x/y/z}/*.log")).paths).toEqual(["x/a.log", "x/y/z/deep.log"]);
  expect((await find("\\[1\\].log")).paths).toEqual(["[1].log"]);
  expect((await find(literalPath(join(dir.path, "[1].log")))).paths).toEqual(["[1].log"]);
});

test("it says which folders decide the answer", async () => {
  files("x/a.log", "y/b.log");
  expect((await find("*/*.log")).folders).toEqual(["", "x", "y"]);
  expect(await find("no/where/a.log")).toEqual({ paths: ["no/where/a.log"], folders: ["no/where"], failures: [] });
});

test("links to folders are followed where they are named, and never by **", async () => {
  files("real/a.log");
  symlinkSync("real", join(dir.path, "link"));
  symlinkSync("..", join(dir.path, "real/up"));
  symlinkSync("a.log", join(dir.path, "real/b.log"));
  expect((await find("*/*.log")).paths).toEqual(["link/a.log", "link/b.log", "real/a.log", "real/b.log"]);
  expect((await find("**/*.log")).paths).toEqual(["real/a.log", "real/b.log"]);
});

test.skipIf(process.getuid?.() === 0)("a folder that may not be listed is told", async () => {
  files("x/a.log");
  chmodSync(join(dir.path, "x"), 0);
  expect((await find("*/*.log")).failures).toEqual(["x"]);
  chmodSync(join(dir.path, "x"), 0o700);
});

test("excludes match whole paths", () => {
  const exclude = parsePathPattern("/var/**/*.{gz,zst}");
  expect(["/var/a.gz", "/var/x/y.zst", "/var/x.log", "/x.gz"].map(exclude.matches)).toEqual([true, true, false, false]);
});

test("a pattern that is none is refused", () => {
  expect(() => parsePathPattern("/a/[b")).toThrow('"[b" has a [ without its ]');
  expect(() => parsePathPattern("/a/{b")).toThrow('"/a/{b" has a { without its }');
});
