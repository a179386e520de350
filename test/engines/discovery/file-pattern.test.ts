import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { filesMatching } from "../../../src/engines/discovery/file-pattern.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("a star in the last element is any run of characters, everything else is itself", async () => {
  using dir = tempDir();
  for (const name of ["a.json", "ab.json", "b.json", "a.yaml", "axjson", "[a].json", ".hidden.json"]) {
    writeFileSync(join(dir.path, name), "");
  }
  mkdirSync(join(dir.path, "folder.json"));
  async function f(pattern: string, ...want: string[]) {
    const files = await filesMatching(join(dir.path, pattern));
    expect(files.map((file) => relative(dir.path, file)).sort()).toEqual(want);
  }
  await f("a.json", "a.json");
  await f("none.json");
  await f("*.json", ".hidden.json", "[a].json", "a.json", "ab.json", "b.json");
  await f("a*.json", "a.json", "ab.json");
  await f("[a].json", "[a].json");
  await f("*a*.*", "[a].json", "a.json", "a.yaml", "ab.json");
  await f("nowhere/*.json");
});

test("a folder that cannot be listed is a failure, not an empty folder", async () => {
  using dir = tempDir();
  const file = join(dir.path, "file");
  writeFileSync(file, "");
  await expect(filesMatching(join(file, "*.json"))).rejects.toThrow("ENOTDIR");
});
