/**
 * All that a queue asks of a disk, as an argument: the real one (disk-real.ts), one in memory whose power can be cut, and
 * one that fails when it is told to. Everything rejects with the error of the system, its `code` an errno name.
 */
export interface Disk {
  /** "create" wants no file of that name to exist; "update" reads and writes one that does. */
  open(path: string, mode: "create" | "read" | "update"): Promise<DiskFile>;
  /** The names in a folder, in no order. */
  list(folder: string): Promise<readonly string[]>;
  /** With its parents; nothing happens if it exists. */
  makeFolder(path: string): Promise<void>;
  /** Makes durable which names a folder has. */
  syncFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  space(path: string): Promise<DiskSpace>;
  /** The folder for this process alone, until it ends or calls back; undefined when another one has it. */
  lock(folder: string): Promise<(() => Promise<void>) | undefined>;
}

export interface DiskFile {
  /** May write less than all, as the system call may. One at a time. */
  write(pieces: readonly Uint8Array[], position: number): Promise<number>;
  /** How many bytes it read; fewer than asked for at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** Makes durable what was written. */
  sync(): Promise<void>;
  /** In bytes, and whether the file still has a name in some folder. */
  stat(): Promise<{ readonly size: number; readonly isLinked: boolean }>;
  close(): Promise<void>;
}

/** In bytes; `free` is what a user who is not root may take. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** The errno name of a failed disk access. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** The whole file, or undefined where there is none; never more than `limit` bytes. */
export async function readSmallFile(disk: Disk, path: string, limit: number): Promise<Buffer | undefined> {
  try {
    const file = await disk.open(path, "read");
    try {
      const bytes = Buffer.alloc(limit);
      return bytes.subarray(0, await file.read(bytes, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes all of it, or rejects; a short write is followed by one more, which then says why. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write([bytes.subarray(done)], position + done);
    if (written === 0) throw Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
    done += written;
  }
}

/** Puts a small file in the place of another in one step: after a crash it is the one or the other, and whole. */
export async function replaceFile(disk: Disk, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = `${folder}/${name}`;
  await disk.makeFolder(folder);
  // What is left of a try that broke off.
  await disk.unlink(`${path}.new`).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
  });
  const file = await disk.open(`${path}.new`, "create");
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(`${path}.new`, path);
  await disk.syncFolder(folder);
}
