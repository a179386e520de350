import { basename, join } from "node:path";
import { type Disk, type DiskFile, errnoOf, writeAll } from "../../lib/disk.ts";
import { unlinkIfThere } from "./folder.ts";
import type { Segment } from "./segment.ts";

/** What a segment is called while it is not whole: nobody reads it, and one that is left of a try counts for nothing. */
export const spareName = "segment.new";

const chunkBytes = 256 * 1024;

/**
 * Makes a file that has its name only once it is whole and synced, in the place of the one that had it. Rejects as if
 * nothing had happened. That the name is durable is for `syncFolder` to say.
 */
export async function putInPlace<File extends Pick<DiskFile, "sync" | "close">>(
  disk: Disk,
  folder: string,
  name: string,
  create: (path: string) => Promise<File>,
  fill: (file: File) => Promise<void>,
): Promise<File> {
  const spare = join(folder, spareName);
  await unlinkIfThere(disk, spare);
  const file = await create(spare);
  try {
    await fill(file);
    await file.sync();
    await disk.rename(spare, join(folder, name));
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    await unlinkIfThere(disk, spare).catch(() => {});
    throw error;
  }
}

/** Puts a copy in the place of a segment that nobody writes. What cannot be read stays as it is. */
export async function copyInPlace(disk: Disk, folder: string, { path, size }: Segment): Promise<void> {
  const source = await openIfReadable(disk, path);
  if (source === undefined) return;
  try {
    const create = (spare: string) => disk.open(spare, "create");
    const copy = await putInPlace(disk, folder, basename(path), create, (file) => copyBytes(source, file, size));
    await copy.close();
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
  } finally {
    await source.close().catch(() => {});
  }
}

class UnreadableError extends Error {}

async function openIfReadable(disk: Disk, path: string): Promise<DiskFile | undefined> {
  try {
    return await disk.open(path, "read");
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "EIO") return undefined;
    throw error;
  }
}

async function copyBytes(source: DiskFile, copy: DiskFile, size: number): Promise<void> {
  const chunk = Buffer.alloc(Math.min(size, chunkBytes));
  for (let at = 0; at < size; ) {
    const read = await source.read(chunk.subarray(0, size - at), at).catch((cause: unknown) => {
      throw new UnreadableError("a segment cannot be read", { cause });
    });
    if (read === 0) return;
    await writeAll(copy, chunk.subarray(0, read), at);
    at += read;
  }
}
