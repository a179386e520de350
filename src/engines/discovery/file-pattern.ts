import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { compileRe2 } from "../../lib/re2.ts";

/** The regular files and links that a path stands for; `*` in its last element is any run of characters. */
export async function filesMatching(pattern: string): Promise<string[]> {
  const directory = dirname(pattern);
  const names = await namesIn(directory);
  const matches = nameMatcher(basename(pattern));
  return names.filter(matches).map((name) => join(directory, name));
}

/** Whether a path is one that the pattern stands for. */
export function matchesPattern(pattern: string): (path: string) => boolean {
  const matches = nameMatcher(basename(pattern));
  return (path) => dirname(path) === dirname(pattern) && matches(basename(path));
}

/** A folder that does not exist yet holds no files. Any other failure says nothing about the files, and is thrown. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** By RE2, because a file name may be long and a pattern may have many stars. */
function nameMatcher(pattern: string): (name: string) => boolean {
  const literals = pattern.split("*").map((text) => text.replace(/[\\.+?()|[\]{}^$]/g, "\\$&"));
  const regex = compileRe2(`^(?s:${literals.join(".*")})$`);
  return (name) => regex.test(name);
}
