import type { Entry } from "./entry.ts";

const types = { folder: 0o040000, file: 0o100000 };

/** What rpm calls the mode of a file: permission bits and type. */
export function fileMode(entry: Entry): number {
  return entry.mode | (entry.content === undefined ? types.folder : types.file);
}

/**
 * A cpio archive in the form `newc`, which is what rpm unpacks: for each entry 13 hexadecimal numbers, its name and its
 * bytes, each filled up to whole words of 4 bytes. The inode is the entry's number, counted from 1.
 */
export function cpio(entries: readonly Entry[], at: number): Buffer {
  const parts = entries.flatMap((entry, index) => record(`.${entry.path}`, entry, index + 1, at));
  return Buffer.concat([...parts, ...record("TRAILER!!!", undefined, 0, 0)]);
}

function record(name: string, entry: Entry | undefined, inode: number, at: number): Buffer[] {
  const content = entry?.content ?? Buffer.alloc(0);
  const mode = entry === undefined ? 0 : fileMode(entry);
  const links = entry !== undefined && entry.content === undefined ? 2 : 1;
  const nameSize = Buffer.byteLength(name) + 1;
  const numbers = [inode, mode, 0, 0, links, at, content.length, 0, 0, 0, 0, nameSize, 0];
  const head = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${name}\0`;
  return [padded(Buffer.from(head)), padded(content)];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
