import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Disk, type DiskFile, errnoOf } from "./disk.ts";

// The callbacks of node:fs rather than its promises, which wrap every descriptor in an object and cost twice as much.
const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const writev = promisify(fs.writev);
const ftruncate = promisify(fs.ftruncate);
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const fstat = promisify(fs.fstat);
const mkdir = promisify(fs.mkdir);
const readdir = promisify(fs.readdir);
const realpath = promisify(fs.realpath);
const rename = promisify(fs.rename);
const statfs = promisify(fs.statfs);
const unlink = promisify(fs.unlink);
const writeFile = promisify(fs.writeFile);

/** Telemetry may name people and secrets: files are for their owner alone. */
const fileMode = 0o600;
const folderMode = 0o700;

const flags = { create: "wx+", read: "r", update: "r+" } as const;

export const realDisk: Disk = {
  open: async (path, mode) => realFile(await open(path, flags[mode], fileMode)),
  list: (folder) => readdir(folder),
  makeFolder: async (path) => void (await mkdir(path, { recursive: true, mode: folderMode })),
  rename,
  unlink,
  lock,

  async syncFolder(path) {
    const descriptor = await open(path, "r");
    try {
      await fsync(descriptor);
    } finally {
      await close(descriptor);
    }
  },

  async space(path) {
    const { bavail, blocks, bsize } = await statfs(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
};

function realFile(descriptor: number): DiskFile {
  return {
    write: async (pieces, position) => (await writev(descriptor, pieces, position)).bytesWritten,
    read: async (into, position) => (await read(descriptor, into, 0, into.length, position)).bytesRead,
    truncate: (size) => ftruncate(descriptor, size),
    sync: () => fdatasync(descriptor),
    stat: async () => {
      const { size, nlink } = await fstat(descriptor);
      return { size, isLinked: nlink > 0 };
    },
    close: () => close(descriptor),
  };
}

/**
 * A socket in Linux' abstract namespace (unix(7)): the kernel frees it when the process ends, however it ends, so that no
 * stale lock is ever left. The pid file is for people. Elsewhere there is no such namespace, and no lock.
 */
async function lock(folder: string): Promise<(() => Promise<void>) | undefined> {
  if (process.platform !== "linux") return async () => {};
  const name = createHash("sha256")
    .update(await realpath(folder))
    .digest("hex");
  const server = createServer((socket) => socket.destroy()).unref();
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen(`\0sonde-${name}`, resolve);
  try {
    await listening;
  } catch (error) {
    if (errnoOf(error) === "EADDRINUSE") return undefined;
    throw error;
  }
  const pidFile = join(folder, "pid");
  // Nothing depends on it: a folder that takes no file is found out by what is written next.
  await writeFile(pidFile, `${process.pid}\n`, { mode: fileMode }).catch(() => {});
  return async () => {
    await unlink(pidFile).catch(() => {});
    await new Promise((closed) => server.close(closed));
  };
}
