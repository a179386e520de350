import { readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KeptFiles } from "../../src/lib/kept-files.ts";
import { tempDir } from "../support/temp-dir.ts";

function openBelow(folder: string): number {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((link) => link.startsWith(`${folder}/`)).length;
}

test("a file is read anew each time through one descriptor, until they are closed", () => {
  using dir = tempDir();
  const path = join(dir.path, "stat");
  const files = new KeptFiles();
  for (const text of ["first", "second, longer", "third", "x".repeat(200_000)]) {
    writeFileSync(path, text);
    expect(files.read(path)).toBe(text);
  }
  expect(openBelow(dir.path)).toBe(1);
  files.close();
  expect(openBelow(dir.path)).toBe(0);
  expect(files.read(path)).toHaveLength(200_000);
  expect(openBelow(dir.path)).toBe(0);
});

test("a file that is missing fails, and is found once it is there", () => {
  using dir = tempDir();
  const path = join(dir.path, "late");
  const files = new KeptFiles();
  expect(() => files.read(path)).toThrow("ENOENT");
  writeFileSync(path, Buffer.from([0xe9]));
  expect(files.read(path, "latin1")).toBe("\xe9");
  files.close();
  rmSync(path);
});
