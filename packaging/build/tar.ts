import type { Entry } from "./entry.ts";

const block = 512;

/**
 * A tar archive in the form that POSIX calls ustar: a block that describes an entry, then its bytes, filled up to whole
 * blocks; two empty blocks end it. `at` is the time of every entry, in seconds. Paths begin with `./`; a folder's ends
 * with a slash.
 */
export function tar(entries: readonly Entry[], at: number): Buffer {
  const parts = entries.flatMap((entry) => [header(entry, at), ...padded(entry.content ?? Buffer.alloc(0))]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header(entry: Entry, at: number): Buffer {
  const isFolder = entry.content === undefined;
  const name = `.${entry.path}${isFolder ? "/" : ""}`;
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long for a tar archive of this kind`);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write(octal(entry.mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(entry.content?.length ?? 0, 11), 124);
  bytes.write(octal(at, 11), 136);
  bytes.write(isFolder ? "5" : "0", 156);
  bytes.write("ustar\x0000", 257);
  bytes.write("root", 265);
  bytes.write("root", 297);
  // The sum is taken with spaces in its own place.
  bytes.fill(" ", 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148);
  return bytes;
}

function padded(content: Buffer): Buffer[] {
  return [content, Buffer.alloc((block - (content.length % block)) % block)];
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
