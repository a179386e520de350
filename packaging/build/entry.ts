import { dirname } from "node:path";

/** A file or folder as a package installs it. */
export interface Entry {
  /** Absolute, without a slash at the end. */
  readonly path: string;
  /** Left out: a folder. */
  readonly content?: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** root:root when left out. */
  readonly owner?: string;
  readonly group?: string;
  /** An administrator's to change: an upgrade keeps what is there. */
  readonly isConfig?: boolean;
}

/** Folders before what is in them, by name; those that nobody named are root's and open to read. */
export function withParents(entries: readonly Entry[]): Entry[] {
  const all = new Map<string, Entry>(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
      if (!all.has(folder)) all.set(folder, { path: folder, mode: 0o755 });
    }
  }
  return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
