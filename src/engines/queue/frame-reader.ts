import { crc32 } from "node:zlib";
import type { DiskFile } from "../../lib/disk.ts";
import { decodeFrameHeader, type Frame, type FrameHeader, frameBytes, frameHeaderBytes, frameMarker } from "./frame.ts";

const readAheadBytes = 256 * 1024;

const noBytes = Buffer.alloc(0);

/** Reads the frames of a segment one after the other, and passes over what is damaged. */
export class FrameReader {
  readonly #file: DiskFile;
  readonly #seed: number;
  /** Where in the file the next frame is looked for. */
  #offset: number;
  #memory: Buffer = noBytes;
  /** What was read ahead: the bytes of the file from `#readAt`. */
  #ahead: Buffer = noBytes;
  #readAt = 0;
  /** Of the last frame whose header was whole, whatever its payload was. */
  #lastHeader: FrameHeader | undefined;
  #isDamaged = false;

  constructor(file: DiskFile, seed: number, offset: number) {
    this.#file = file;
    this.#seed = seed;
    this.#offset = offset;
  }

  /** Whether something was passed over. */
  get isDamaged(): boolean {
    return this.#isDamaged;
  }

  get lastHeader(): FrameHeader | undefined {
    return this.#lastHeader;
  }

  /** The next whole frame in the first `end` bytes of the file; undefined when there is no other. */
  async next(end: number): Promise<Frame | undefined> {
    for (;;) {
      const head = await this.#peek(frameHeaderBytes, end);
      if (head === undefined) return undefined;
      const header = decodeFrameHeader(head, this.#seed);
      if (header === undefined) await this.#seekMarker(end);
      else {
        const { payloadBytes, payloadCrc, ...rest } = header;
        const whole = await this.#peek(frameHeaderBytes + payloadBytes, end);
        // The tail that a crash has torn: it was never acknowledged.
        if (whole === undefined) return undefined;
        this.#lastHeader = header;
        this.#offset += frameBytes(payloadBytes);
        const payload = whole.subarray(frameHeaderBytes);
        // A copy, because the reader may hold it for long, and the read-ahead is large.
        if (crc32(payload) === payloadCrc) return { ...rest, payload: Buffer.from(payload) };
        this.#isDamaged = true;
      }
    }
  }

  /** Moves on to the next place where a frame may begin, or to the end. */
  async #seekMarker(end: number): Promise<void> {
    this.#isDamaged = true;
    this.#offset += 8;
    for (;;) {
      const bytes = await this.#peek(frameHeaderBytes, end);
      if (bytes === undefined) return;
      const from = this.#offset - this.#readAt;
      const found = this.#ahead.indexOf(frameMarker, from);
      if (found >= 0 && (found + this.#readAt) % 8 === 0) {
        this.#offset = found + this.#readAt;
        return;
      }
      const skipped = found >= 0 ? found + 1 : Math.max(from + 1, this.#ahead.length - frameMarker.length + 1);
      this.#offset = Math.ceil((this.#readAt + skipped) / 8) * 8;
    }
  }

  /** That many bytes at the offset, without moving it; undefined where the file has fewer. */
  async #peek(size: number, end: number): Promise<Buffer | undefined> {
    if (this.#offset + size > end) return undefined;
    const from = this.#offset - this.#readAt;
    if (from < 0 || from + size > this.#ahead.length) await this.#fill(size, end);
    const at = this.#offset - this.#readAt;
    return at + size > this.#ahead.length ? undefined : this.#ahead.subarray(at, at + size);
  }

  async #fill(size: number, end: number): Promise<void> {
    const at = this.#offset;
    const wanted = Math.min(Math.max(size, readAheadBytes), end - at);
    // The same memory again and again: payloads are copied out of it, so nobody else refers to it.
    if (this.#memory.length < wanted) this.#memory = Buffer.allocUnsafeSlow(wanted);
    const into = this.#memory.subarray(0, wanted);
    let length = 0;
    while (length < wanted) {
      const read = await this.#file.read(into.subarray(length), at + length);
      if (read === 0) break;
      length += read;
    }
    this.#ahead = into.subarray(0, length);
    this.#readAt = at;
  }
}
