import { hash } from "node:crypto";

/**
 * What a file is known by, besides its device and inode, which another file may get once this one is deleted:
 *
 *     ├── prefix, up to 1 KiB ──┤ …  already delivered  … ├─ tail, 64 B ─┤ position
 *
 * Both together say that the bytes up to the position are those that were read, whatever the file is called now, and
 * whichever inode a copy of it has. The prefix grows with the file.
 */
export interface FileIdentity {
  /** `device:inode`. */
  readonly id: string;
  readonly prefix: Hashed;
  /** The last bytes before `offset`. */
  readonly tail: Hashed;
  /** In bytes; of a compressed file, in what it unpacks to. */
  readonly offset: number;
}

/** Some bytes, known by their number and a hash. */
export interface Hashed {
  readonly length: number;
  readonly hash: string;
}

export const prefixLength = 1024;
export const tailLength = 64;

export const nothingHashed: Hashed = { length: 0, hash: "" };

export function hashed(bytes: Uint8Array): Hashed {
  if (bytes.length === 0) return nothingHashed;
  return { length: bytes.length, hash: hash("sha256", bytes, "base64url").slice(0, 22) };
}

export function sameHash(a: Hashed, b: Hashed): boolean {
  return a.length === b.length && a.hash === b.hash;
}

/** Something that gives bytes at a position; fewer than asked for at its end. */
export interface Readable {
  read(into: Uint8Array, position: number): Promise<number>;
  /** Its end is not its end: more will be there, or should be. */
  readonly isIncomplete?: boolean;
  /** Why there is no more, where there should be. */
  readonly damage?: unknown;
}

/**
 * The first bytes of a file, as many as its identity takes: up to a run of NULs, which may be room that the writer took in
 * advance and fills later.
 */
export async function readPrefix(file: Readable): Promise<Buffer> {
  const bytes = await readFully(file, prefixLength, 0);
  const nuls = bytes.indexOf("\0\0");
  return nuls < 0 ? bytes : bytes.subarray(0, nuls);
}

/** Whether the content up to the position is what was read before. Says yes of a file of which nothing was known. */
export async function continues(file: Readable, { prefix, tail, offset }: FileIdentity): Promise<boolean> {
  if (!sameHash(hashed(await readFully(file, prefix.length, 0)), prefix)) return false;
  return sameHash(hashed(await readFully(file, tail.length, offset - tail.length)), tail);
}

/** Whether something of the content is known, so that a file of another inode can be told to be a copy. */
export function hasContent({ prefix }: FileIdentity): boolean {
  return prefix.length > 0;
}

export function inodeOf(id: string): string {
  return id.slice(id.indexOf(":") + 1);
}

export async function readFully(file: Readable, length: number, position: number): Promise<Buffer> {
  return readInto(Buffer.alloc(length), file, position);
}

/**
 * What is there from the position on, as much as the memory takes. A read may give less than it was asked for before the end,
 * too, so only one that gives nothing is the end; or there is no doubt, because `end` is known.
 */
export async function readInto(
  memory: Uint8Array,
  file: Readable,
  position: number,
  end = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  let filled = 0;
  while (filled < memory.length) {
    const read = await file.read(filled === 0 ? memory : memory.subarray(filled), position + filled);
    filled += read;
    if (read === 0 || position + filled >= end) break;
  }
  return Buffer.from(memory.buffer, memory.byteOffset, filled);
}
