import { createHash } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { type Disk, errnoOf, readSmallFile, writeAll } from "../../lib/disk.ts";

/** The identity of a queue: frames and cursors of another one do not pass for its own. */
export interface QueueIdentity {
  readonly uuid: Buffer;
  /** What the checksums begin with. */
  readonly seed: number;
}

const formatVersion = 1;

/** As many segments are kept aside for people to look at; an older one makes room. */
const quarantineLimit = 8;

export function identityOf(uuid: Buffer): QueueIdentity {
  return { uuid, seed: crc32(uuid) };
}

/** `sonde-queue 1 <uuid> <checksum>`, or what is wrong with it. */
export async function readFormat(disk: Disk, folder: string): Promise<Buffer | "unknown version" | undefined> {
  const text = (await readSmallFile(disk, join(folder, "FORMAT"), 128))?.toString() ?? "";
  const [, body = "", version = "", uuid = "", sum] =
    /^(sonde-queue ([0-9]+) ([0-9a-f]{32})) ([0-9a-f]{8})\n$/.exec(text) ?? [];
  if (sum !== checksum(body)) return undefined;
  return Number(version) === formatVersion ? Buffer.from(uuid, "hex") : "unknown version";
}

export async function writeFormat(disk: Disk, folder: string, uuid: Buffer): Promise<void> {
  const temporary = join(folder, "FORMAT.new");
  await unlinkIfThere(disk, temporary);
  const file = await disk.open(temporary, "create");
  try {
    const body = `sonde-queue ${formatVersion} ${uuid.toString("hex")}`;
    await writeAll(file, Buffer.from(`${body} ${checksum(body)}\n`), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(temporary, join(folder, "FORMAT"));
  await disk.syncFolder(folder);
}

export function cursorPath(folder: string, reader: string): string {
  return join(folder, `cursor.${fileName(reader)}`);
}

/** Endpoint names are the user's; a file name takes 255 bytes and no slash. */
export function fileName(reader: string): string {
  const name = encodeURIComponent(reader);
  return name.length <= 200 ? name : createHash("sha256").update(reader).digest("hex");
}

/** Puts a file aside that cannot be used: what cannot be read is never deleted at once. */
export async function quarantine(disk: Disk, folder: string, name: string): Promise<void> {
  const aside = join(folder, "quarantine");
  await disk.makeFolder(aside);
  const names = [...(await disk.list(aside))].sort();
  for (const oldest of names.slice(0, Math.max(0, names.length + 1 - quarantineLimit))) {
    await unlinkIfThere(disk, join(aside, oldest));
  }
  await disk.rename(join(folder, name), join(aside, name));
}

export async function unlinkIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
