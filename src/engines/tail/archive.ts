import { pipeline, Readable } from "node:stream";
import { createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { errnoOf } from "../../lib/disk.ts";
import type { TailFile } from "./tail-files.ts";

export type ArchiveFormat = "gz" | "z" | "zst";

/** By the first bytes; `z` has no sign of its own that text could not have. */
export function archiveFormatOf(prefix: Uint8Array): "gz" | "zst" | undefined {
  const [a, b, c, d] = prefix;
  if (a === 0x1f && b === 0x8b && c === 0x08) return "gz";
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return "zst";
  return undefined;
}

/** The header of zlib's format; text may look so. */
export function isZlib([a = 0, b = 0]: Uint8Array): boolean {
  return (a & 0x0f) === 8 && (256 * a + b) % 31 === 0;
}

const decoders = { gz: createGunzip, z: createInflate, zst: createZstdDecompress } as const;

/**
 * A compressed file, read as what it unpacks to. Positions may only go on: a step back unpacks from the start again.
 * Memory is what one read asks for and a piece of the decoder's, however well the file is packed.
 */
export class Archive {
  readonly #file: TailFile;
  readonly #format: ArchiveFormat;
  #pieces: AsyncIterator<Buffer> | undefined;
  /** What is unpacked and may still be asked for. */
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #hasEnded = false;
  #failure: unknown;

  constructor(file: TailFile, format: ArchiveFormat) {
    this.#file = file;
    this.#format = format;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    if (this.#pieces === undefined || position < this.#windowStart) await this.#restart();
    while (this.#windowEnd < position + into.length && !this.#hasEnded) {
      await this.#unpackMore();
      this.#forgetBefore(position);
    }
    const available = this.#window.subarray(Math.max(0, position - this.#windowStart));
    return available.copy(into);
  }

  /** What is wrong with it where it ends; all before that is good. */
  get damage(): unknown {
    return this.isIncomplete ? undefined : this.#failure;
  }

  /** It ends in the middle: the packer is not done with it, or never will be. */
  get isIncomplete(): boolean {
    const code = errnoOf(this.#failure);
    return code === "Z_BUF_ERROR" || code === "ZSTD_error_srcSize_wrong";
  }

  async close(): Promise<void> {
    await this.#pieces?.return?.();
    await this.#file.close();
  }

  get #windowEnd(): number {
    return this.#windowStart + this.#window.length;
  }

  async #restart(): Promise<void> {
    await this.#pieces?.return?.();
    const decoder = decoders[this.#format]();
    // What goes wrong is thrown by the iterator.
    pipeline(Readable.from(packedPieces(this.#file)), decoder, () => {});
    this.#pieces = decoder[Symbol.asyncIterator]();
    this.#window = Buffer.alloc(0);
    this.#windowStart = 0;
    this.#hasEnded = false;
    this.#failure = undefined;
  }

  async #unpackMore(): Promise<void> {
    try {
      const next = await this.#pieces?.next();
      if (next === undefined || next.done) this.#hasEnded = true;
      else this.#window = Buffer.concat([this.#window, next.value]);
    } catch (error) {
      this.#failure = error;
      this.#hasEnded = true;
    }
  }

  #forgetBefore(position: number): void {
    const behind = Math.min(position - this.#windowStart, this.#window.length);
    if (behind <= 0) return;
    this.#window = this.#window.subarray(behind);
    this.#windowStart += behind;
  }
}

async function* packedPieces(file: TailFile): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const piece = Buffer.alloc(64 * 1024);
    const read = await file.read(piece, position);
    if (read === 0) return;
    position += read;
    yield piece.subarray(0, read);
  }
}
