import { basename, dirname, join } from "node:path";
import { type FileStat, type FolderEntry, HungError, type TailFiles } from "./tail-files.ts";

/** What rotation puts behind a name, and what then packs it. */
const number = String.raw`[.\-_](?:\d[\d.:\-_T]*|old|prev|bak)`;
const packed = String.raw`(?:\.(?:gz|zst|bz2|xz|z|Z))?`;
const appended = new RegExp(`^(.+?)${number}${packed}$`);
const inserted = new RegExp(`^(.+?)${number}(\\.[A-Za-z]\\w*?)${packed}$`);
const onlyPacked = /^(.+)\.(?:gz|zst|bz2|xz|z|Z)$/;

/** The names that a file may have had before rotation: `app.log` of `app.log.1`, `app.log-20260101.gz`, `app-3.log`. */
export function namesBeforeRotation(name: string): string[] {
  const names = new Set<string>();
  const before = appended.exec(name)?.[1];
  if (before !== undefined) names.add(before);
  const [, stem, extension] = inserted.exec(name) ?? [];
  if (stem !== undefined && extension !== undefined) names.add(stem + extension);
  const unpacked = onlyPacked.exec(name)?.[1];
  if (unpacked !== undefined) names.add(unpacked);
  return [...names];
}

export interface Found {
  readonly path: string;
  readonly stat: FileStat;
}

/**
 * What lies beside the followed files, each folder listed once: make one for the looks of one round, after the files
 * themselves were looked at, so that no listing is older than the rotation it is asked about.
 */
export class FolderScan {
  readonly #files: TailFiles;
  readonly #listings = new Map<string, Promise<readonly FolderEntry[]>>();
  readonly #stats = new Map<string, Promise<FileStat | undefined>>();

  constructor(files: TailFiles) {
    this.#files = files;
  }

  /** The files that by their name are rotated ones of `path`, the last written last. */
  async relatives(path: string, folders: readonly string[] = [dirname(path)]): Promise<readonly Found[]> {
    const name = basename(path);
    return this.#found(folders, (other) => namesBeforeRotation(other).includes(name));
  }

  /** All files of the folders. */
  async all(folders: readonly string[]): Promise<readonly Found[]> {
    return this.#found(folders, () => true);
  }

  async #found(folders: readonly string[], isWanted: (name: string) => boolean): Promise<readonly Found[]> {
    const found: Found[] = [];
    for (const folder of new Set(folders)) {
      for (const { name, kind } of await this.#list(folder)) {
        if (kind !== "file" || !isWanted(name)) continue;
        const path = join(folder, name);
        const stat = await this.#stat(path);
        if (stat?.isFile) found.push({ path, stat });
      }
    }
    return found.sort((a, b) => Number(a.stat.mtimeNs - b.stat.mtimeNs) || (a.path < b.path ? -1 : 1));
  }

  /** A folder that cannot be listed has no relatives to find; of one that hangs, nobody knows. */
  #list(folder: string): Promise<readonly FolderEntry[]> {
    return memo(this.#listings, folder, () => this.#files.list(folder).catch(nothingUnlessHung([])));
  }

  #stat(path: string): Promise<FileStat | undefined> {
    return memo(this.#stats, path, () => this.#files.stat(path).catch(nothingUnlessHung(undefined)));
  }
}

function nothingUnlessHung<T>(nothing: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof HungError) throw error;
    return nothing;
  };
}

function memo<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const promise = known.get(key) ?? make();
  known.set(key, promise);
  return promise;
}
