import { join } from "node:path";
import type { Clock } from "../../lib/clock.ts";
import { type Disk, errnoOf, replaceFile } from "../../lib/disk.ts";
import type { Logger } from "../../lib/logger.ts";
import type { FileIdentity, Hashed } from "./file-identity.ts";

/** How far a file was delivered, for the next start. */
export interface SavedPosition extends FileIdentity {
  /** What the user's glob or target calls it. */
  readonly path: string;
  /** The labels of its stream besides `filename`, as text: one file may belong to several streams. */
  readonly stream: string;
  /** Where the file was last seen, links followed. */
  readonly realPath: string;
  /** Of the last write, in nanoseconds since the epoch; digits, because it does not fit a double. */
  readonly mtimeNs: string;
  /** Bytes at the last look: what is lost if the file cannot be found any more. */
  readonly size: number;
  /** Read to its end and rotated away; kept for a while so that it is known under its new name. */
  readonly isDone: boolean;
}

export interface PositionsSurroundings {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const fileName = "positions.json";

/** Far beyond 100,000 files. */
const maxBytes = 256 * 2 ** 20;

/** The snapshot of all positions: one file, always whole. */
export class Positions {
  readonly #surroundings: PositionsSurroundings;
  #last = "";

  constructor(surroundings: PositionsSurroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * Undefined where there is no snapshot. One that is damaged is put aside and said loudly (`isDamaged`): a start must
   * never fail because of it. Rejects where it cannot be read.
   */
  async load(): Promise<{ readonly saved: readonly SavedPosition[]; readonly isDamaged: boolean } | undefined> {
    const text = await this.#read();
    if (text === undefined) return undefined;
    const saved = parsed(text);
    if (saved !== undefined) return { saved, isDamaged: false };
    await this.#quarantine();
    return { saved: [], isDamaged: true };
  }

  /** Nothing is written where nothing changed. */
  async save(saved: readonly SavedPosition[]): Promise<void> {
    const text = JSON.stringify({ version: 1, positions: saved });
    if (text === this.#last) return;
    const { disk, folder } = this.#surroundings;
    await replaceFile(disk, folder, fileName, Buffer.from(text));
    this.#last = text;
  }

  async #read(): Promise<string | undefined> {
    const { disk, folder } = this.#surroundings;
    try {
      const file = await disk.open(join(folder, fileName), "read");
      try {
        const { size } = await file.stat();
        const bytes = Buffer.alloc(Math.min(size, maxBytes));
        return bytes.toString("utf8", 0, await file.read(bytes, 0));
      } finally {
        await file.close();
      }
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  async #quarantine(): Promise<void> {
    const { disk, folder, clock, log } = this.#surroundings;
    const aside = join(folder, `${fileName}.damaged-${clock.now()}`);
    log.error("the saved positions are damaged: files are read anew, and entries may come twice", { put_aside: aside });
    await disk.rename(join(folder, fileName), aside);
  }
}

function parsed(text: string): readonly SavedPosition[] | undefined {
  try {
    const { version, positions } = Object(JSON.parse(text)) as { version?: unknown; positions?: unknown };
    if (version !== 1 || !Array.isArray(positions)) return undefined;
    return positions.every(isSavedPosition) ? positions : undefined;
  } catch {
    return undefined;
  }
}

function isSavedPosition(value: unknown): value is SavedPosition {
  const saved = Object(value) as Record<keyof SavedPosition, unknown>;
  const texts = [saved.path, saved.stream, saved.realPath, saved.id];
  return (
    texts.every((text) => typeof text === "string") &&
    /^\d{1,20}$/.test(String(saved.mtimeNs)) &&
    isCount(saved.offset) &&
    isCount(saved.size) &&
    typeof saved.isDone === "boolean" &&
    isHashed(saved.prefix) &&
    isHashed(saved.tail) &&
    saved.tail.length <= saved.offset
  );
}

function isHashed(value: unknown): value is Hashed {
  const { length, hash } = Object(value) as Record<keyof Hashed, unknown>;
  return isCount(length) && length <= 1024 && typeof hash === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
