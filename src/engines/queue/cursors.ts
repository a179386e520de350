import { join } from "node:path";
import type { Disk } from "../../lib/disk.ts";
import { CursorFile, type Position } from "./cursor-file.ts";
import { cursorPath, unlinkIfThere } from "./folder.ts";

interface Cursor {
  readonly file: CursorFile;
  saved: Position | undefined;
}

/** The cursor files of a folder. */
export class Cursors {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #seed: number;
  readonly #cursors = new Map<string, Cursor>();

  constructor(disk: Disk, folder: string, seed: number) {
    this.#disk = disk;
    this.#folder = folder;
    this.#seed = seed;
  }

  /** Where a reader stood; undefined when it is new. */
  async open(name: string): Promise<Position | "damaged" | undefined> {
    const { cursor, position } = await CursorFile.open(this.#disk, cursorPath(this.#folder, name), this.#seed);
    this.#cursors.set(name, { file: cursor, saved: position === "damaged" ? undefined : position });
    return position;
  }

  /** Saves those that have moved, and opens those that are new; with `sync` they survive a power cut, too. */
  async save(positions: ReadonlyMap<string, Position>, sync: boolean): Promise<void> {
    let isNew = false;
    for (const [name, position] of positions) {
      if (!this.#cursors.has(name)) {
        await this.open(name);
        isNew = true;
      }
      const cursor = this.#cursors.get(name);
      if (cursor === undefined || cursor.saved?.sequence === position.sequence) continue;
      await cursor.file.save(position);
      if (sync) await cursor.file.sync();
      cursor.saved = position;
    }
    if (isNew && sync) await this.#disk.syncFolder(this.#folder);
  }

  /** Deletes the files of readers that are gone, those of an earlier process among them. */
  async keep(names: Iterable<string>): Promise<void> {
    const kept = new Set(names);
    for (const [name, { file }] of this.#cursors) {
      if (kept.has(name)) continue;
      this.#cursors.delete(name);
      await file.close();
    }
    const paths = new Set([...kept].map((name) => cursorPath(this.#folder, name)));
    for (const name of await this.#disk.list(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.startsWith("cursor.") && !paths.has(path)) await unlinkIfThere(this.#disk, path);
    }
  }

  async close(): Promise<void> {
    for (const { file } of this.#cursors.values()) await file.close().catch(() => {});
    this.#cursors.clear();
  }
}
