import * as fs from "node:fs";
import { promisify } from "node:util";

/** All that tailing asks of a file system, as an argument. Everything rejects with the error of the system. */
export interface TailFiles {
  /** Of what the path leads to, links followed; undefined where there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** The path without links; it exists. */
  realPath(path: string): Promise<string>;
  /** For reading. */
  open(path: string): Promise<TailFile>;
  /** What is in a folder; nothing where there is no such folder. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  /** Calls back with a name (where the system gives one) when something happens in a folder. Only a hint. */
  watch(folder: string, onHint: (name: string | null) => void): () => void;
}

export interface TailFile {
  stat(): Promise<FileStat>;
  /** How many bytes it read; fewer than asked for at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface FileStat {
  /** Device and inode, as `2049:131`: the numbers may be larger than a double can hold. */
  readonly id: string;
  readonly size: number;
  /** Of the last write, in nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  readonly isFile: boolean;
  /** How many names the file has; 0 once it is deleted. */
  readonly links: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** What was asked of a file system has not come back: it may still do so, and write to memory that it was given. */
export class HungError extends Error {}

const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const realpath = promisify(fs.realpath.native) as (path: string) => Promise<string>;
const readdir = promisify(fs.readdir) as (path: string, options: { withFileTypes: true }) => Promise<fs.Dirent[]>;
const stat = promisify(fs.stat) as (path: string, options: { bigint: true }) => Promise<fs.BigIntStats>;
const fstat = promisify(fs.fstat) as (descriptor: number, options: { bigint: true }) => Promise<fs.BigIntStats>;

export const realTailFiles: TailFiles = {
  stat: (path) => orNothing(async () => statOf(await stat(path, { bigint: true })), undefined),
  realPath: (path) => realpath(path),
  list: (folder) => orNothing(async () => (await readdir(folder, { withFileTypes: true })).map(entryOf), []),

  async open(path) {
    // Without O_NONBLOCK, opening a pipe would wait for a writer, for ever.
    const descriptor = await open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    return {
      stat: async () => statOf(await fstat(descriptor, { bigint: true })),
      read: async (into, position) => (await read(descriptor, into, 0, into.length, position)).bytesRead,
      close: () => close(descriptor),
    };
  },

  watch(folder, onHint) {
    try {
      const watcher = fs.watch(folder, (_event, name) => onHint(name));
      watcher.on("error", () => watcher.close());
      return () => watcher.close();
    } catch {
      // The folder does not exist, or no watches are left: polling finds what there is to find.
      return () => {};
    }
  },
};

function statOf(stats: fs.BigIntStats): FileStat {
  return {
    id: `${stats.dev}:${stats.ino}`,
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    isFile: stats.isFile(),
    links: Number(stats.nlink),
  };
}

function entryOf(entry: fs.Dirent): FolderEntry {
  const kind = entry.isFile() ? "file" : entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? "link" : "other";
  return { name: entry.name, kind };
}

async function orNothing<T>(task: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return nothing;
    throw error;
  }
}
