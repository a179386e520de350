import { isUtf8 } from "node:buffer";
import { glob, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseTextFamilies, type TextFamily } from "../../formats/exposition/text-families.ts";

/** A family of one file, with a HELP text even if the file has none. */
export interface FoundFamily extends TextFamily {
  readonly help: string;
}

export interface TextFiles {
  readonly families: readonly FoundFamily[];
  /** Whole seconds since 1970, of the files that could be read, by path. */
  readonly mtimes: ReadonlyMap<string, number>;
  /** What is wrong, by the path of the folder or file. */
  readonly errors: ReadonlyMap<string, unknown>;
}

/**
 * Reads every `*.prom` of the folders, by name. Of a file with one wrong line nothing counts; the others go on. Not
 * synchronously: people keep such folders on network file systems, and one that hangs must not hold the whole process.
 */
export async function readTextFiles(directories: readonly string[]): Promise<TextFiles> {
  const errors = new Map<string, unknown>();
  const mtimes = new Map<string, number>();
  const found: { path: string; family: TextFamily }[] = [];
  const folders = await Promise.all(directories.map(matchingFolders));
  for (const folder of folders.flat()) {
    for (const path of await promFiles(folder, errors)) {
      try {
        found.push(...parseTextFamilies(await readText(path)).map((family) => ({ path, family })));
        mtimes.set(path, Math.trunc((await stat(path)).mtimeMs / 1000));
      } catch (error) {
        errors.set(path, error);
      }
    }
  }
  return { families: withHelp(found, errors), mtimes, errors };
}

/** What matches no pattern is taken for a folder, so that its absence is an error. */
async function matchingFolders(pattern: string): Promise<string[]> {
  const folders: string[] = [];
  if (/[*?[]/.test(pattern)) for await (const folder of glob(pattern)) folders.push(folder);
  return folders.length > 0 ? folders.sort() : [pattern];
}

async function promFiles(folder: string, errors: Map<string, unknown>): Promise<string[]> {
  try {
    const names = (await readdir(folder)).sort();
    return names.filter((name) => name.endsWith(".prom")).map((name) => join(folder, name));
  } catch (error) {
    errors.set(folder, error);
    return [];
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) throw new Error("the file is not UTF-8");
  return bytes.toString("utf8");
}

/** Of files that say different things of one family the first one counts; those that say nothing follow no other. */
function withHelp(found: readonly { path: string; family: TextFamily }[], errors: Map<string, unknown>): FoundFamily[] {
  const helps = new Map<string, string>();
  const kept = found.filter(({ path, family: { name, help } }) => {
    if (help === undefined) return true;
    const first = helps.get(name) ?? help;
    helps.set(name, first);
    if (first !== help) errors.set(path, new Error(`${name} has another HELP text than in an earlier file`));
    return first === help;
  });
  return kept.map(({ family }) => {
    const paths = kept.filter((other) => other.family.name === family.name).map(({ path }) => path);
    return { ...family, help: family.help ?? `Metric read from ${paths.join(", ")}` };
  });
}
