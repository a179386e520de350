import { crc32 } from "node:zlib";
import { type Disk, type DiskFile, errnoOf, writeAll } from "../../lib/disk.ts";
import { readCount, writeCount } from "./frame.ts";

/** A place between two frames. */
export interface Position {
  /** Of the frame behind it. */
  readonly sequence: number;
  /** Before it, since the queue was made. */
  readonly records: number;
}

/** The slots are in different sectors: a write that is torn cannot reach the other one. */
const slotOffsets = [0, 512] as const;

const slotBytes = 64;

/**
 * Where a reader stands, on disk. Two slots are overwritten in turn, the newer valid one counts: no rename and no new
 * file, so it can be saved on a disk that is full. Losing it costs duplicates, never data.
 */
export class CursorFile {
  readonly #file: DiskFile;
  readonly #seed: number;
  #generation: number;

  private constructor(file: DiskFile, seed: number, generation: number) {
    this.#file = file;
    this.#seed = seed;
    this.#generation = generation;
  }

  /** Opens or creates it. `position` is where it stood: "damaged" when it cannot say, undefined when it is new. */
  static async open(disk: Disk, path: string, seed: number) {
    const existing = await openExisting(disk, path);
    const file = existing ?? (await disk.open(path, "create"));
    try {
      const slots = existing === undefined ? [] : await readSlots(file, seed);
      const newest = newestOf(slots);
      return {
        cursor: new CursorFile(file, seed, newest?.generation ?? 0),
        position: existing === undefined ? undefined : (newest?.position ?? ("damaged" as const)),
      };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Where the cursor in this file stands, without touching it; "damaged" when it cannot say. */
  static async read(disk: Disk, path: string, seed: number): Promise<Position | "damaged"> {
    const file = await disk.open(path, "read");
    try {
      return newestOf(await readSlots(file, seed))?.position ?? "damaged";
    } finally {
      await file.close();
    }
  }

  async save({ sequence, records }: Position): Promise<void> {
    const generation = this.#generation + 1;
    const slot = Buffer.alloc(slotBytes);
    writeCount(slot, generation, 0);
    writeCount(slot, sequence, 8);
    writeCount(slot, records, 16);
    slot.writeUInt32LE(crc32(slot.subarray(0, 60), this.#seed), 60);
    await writeAll(this.#file, slot, slotOffsets[generation % 2 === 0 ? 0 : 1]);
    this.#generation = generation;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

interface Slot {
  readonly generation: number;
  readonly position: Position;
}

function newestOf(slots: readonly Slot[]): Slot | undefined {
  return slots.reduce<Slot | undefined>((a, b) => (a && a.generation > b.generation ? a : b), undefined);
}

async function openExisting(disk: Disk, path: string): Promise<DiskFile | undefined> {
  try {
    return await disk.open(path, "update");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readSlots(file: DiskFile, seed: number): Promise<Slot[]> {
  const bytes = Buffer.alloc(slotOffsets[1] + slotBytes);
  await file.read(bytes, 0);
  return slotOffsets.flatMap((offset) => {
    const slot = bytes.subarray(offset, offset + slotBytes);
    if (slot.readUInt32LE(60) !== crc32(slot.subarray(0, 60), seed)) return [];
    return { generation: readCount(slot, 0), position: { sequence: readCount(slot, 8), records: readCount(slot, 16) } };
  });
}
