import type { Disk, DiskFile } from "../../lib/disk.ts";
import { writeAll } from "../../lib/disk.ts";
import { unlinkIfThere } from "./folder.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { encodeSegmentHeader, type SegmentHeader, segmentHeaderBytes } from "./segment.ts";

/** The segment that is being written. */
export class SegmentWriter {
  readonly #file: DiskFile;
  readonly #seed: number;
  /** Up to here every byte belongs to a whole frame. */
  #size = segmentHeaderBytes;

  private constructor(file: DiskFile, seed: number) {
    this.#file = file;
    this.#seed = seed;
  }

  static async create(disk: Disk, path: string, header: SegmentHeader, seed: number): Promise<SegmentWriter> {
    const file = await disk.open(path, "create");
    try {
      await writeAll(file, encodeSegmentHeader(header), 0);
      return new SegmentWriter(file, seed);
    } catch (error) {
      await file.close().catch(() => {});
      await unlinkIfThere(disk, path).catch(() => {});
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /**
   * All frames or none: what a failed write has left is cut off, because a frame behind half of another one could not be
   * told from damage. Where even that fails, the error says that nothing may be written to this file any more.
   */
  async append(frames: readonly Frame[]): Promise<void> {
    const pieces = frames.flatMap((frame) => encodeFrame(frame, this.#seed));
    const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0);
    try {
      const written = await this.#file.write(pieces, this.#size);
      if (written < wanted) await writeAll(this.#file, Buffer.concat(pieces).subarray(written), this.#size + written);
    } catch (error) {
      await this.#file.truncate(this.#size).catch((cause) => {
        throw new UnusableSegmentError("cannot cut off what a failed write has left", { cause: error ?? cause });
      });
      throw error;
    }
    this.#size += wanted;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  async isLinked(): Promise<boolean> {
    return (await this.#file.stat()).isLinked;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

export class UnusableSegmentError extends Error {}
