import type { Disk, DiskFile } from "../../lib/disk.ts";
import type { Frame } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Segment } from "./segment.ts";

/** The segment that a reader is in; holds a file open only while the reader lags. */
export class SegmentCursor {
  readonly #disk: Disk;
  #current: { readonly segment: Segment; readonly file: DiskFile; readonly frames: FrameReader } | undefined;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  get isDamaged(): boolean {
    return this.#current?.frames.isDamaged ?? false;
  }

  /** The first frame from `sequence` on that was not given yet. */
  async next(segment: Segment, sequence: number): Promise<Frame | undefined> {
    const { size } = segment;
    const current = await this.#open(segment);
    for (;;) {
      const frame = await current.frames.next(size);
      if (frame === undefined || frame.sequence >= sequence) return frame;
    }
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close().catch(() => {});
  }

  async #open(segment: Segment) {
    if (this.#current?.segment === segment) return this.#current;
    await this.close();
    const file = await this.#disk.open(segment.path, "read");
    const frames = new FrameReader(file, segment.seed, segment.headerBytes);
    this.#current = { segment, file, frames };
    return this.#current;
  }
}
