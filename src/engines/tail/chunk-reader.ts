import { BufferPool } from "../../lib/buffer-pool.ts";
import { byteOrderMark, type Encoding } from "./encoding.ts";
import { hashed, nothingHashed, type Readable, readFully, readInto, sameHash } from "./file-identity.ts";
import type { LogFile, Mark } from "./log-file.ts";
import { HungError } from "./tail-files.ts";

/** Memory of chunks that were read, kept for the next ones. */
const idleBytes = 2 ** 20;

/** What was read from a mark on, in memory that is given back once it is sent. */
export interface Chunk {
  readonly memory: Uint8Array;
  readonly bytes: Buffer;
  /** What stands in front of it. */
  readonly before: Buffer;
  readonly encoding: Encoding;
  /** Bytes at its beginning that are no text. */
  readonly skip: number;
}

/** Reads what stands behind a mark, and makes sure that it is the mark's file. */
export class ChunkReader {
  readonly #encoding: Encoding;
  readonly #memory = new BufferPool(idleBytes);

  /** `encoding`: of files without a byte order mark. */
  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  /** Undefined where the bytes in front are other ones than those that were read. */
  async read(
    file: LogFile,
    content: Readable,
    wanted: number,
    mark: Mark,
    nulScan: number,
  ): Promise<Chunk | undefined> {
    const { from, overlap, expected } = placeOf(file, mark, nulScan);
    const isStart = from === 0 && overlap === 0;
    const memory = this.#memory.take(overlap + wanted);
    const lookedAt = file.mtimeNs;
    let isUsed = false;
    try {
      // What is packed has another size.
      const end = file.format === undefined ? file.size : Number.POSITIVE_INFINITY;
      const all = await readInto(memory, content, from, end);
      const before = all.subarray(0, overlap);
      if (all.length === overlap && content.damage !== undefined) throw content.damage;
      file.isIncomplete = content.isIncomplete === true;
      if (!sameHash(hashed(all.subarray(0, expected.length)), expected)) return undefined;
      file.confirm(lookedAt);
      const bytes = all.subarray(overlap);
      const { encoding, skip } = await this.#encodingOf(file, isStart ? bytes : undefined, content);
      isUsed = true;
      return { memory, bytes, before, encoding, skip: isStart ? skip : 0 };
    } catch (error) {
      // A read that was given up writes into it yet.
      if (error instanceof HungError) this.#memory.disown(memory);
      throw error;
    } finally {
      if (!isUsed) this.#memory.give(memory);
    }
  }

  /** Its bytes are used no more. */
  give({ memory }: Chunk): void {
    this.#memory.give(memory);
  }

  /** A byte order mark decides; before the first bytes are there, nothing is decided. */
  async #encodingOf(
    file: LogFile,
    start: Buffer | undefined,
    content: Readable,
  ): Promise<{ encoding: Encoding; skip: number }> {
    if (file.encoding !== undefined && start === undefined) return { encoding: file.encoding, skip: 0 };
    const first = start ?? (await readFully(content, 3, 0));
    const mark = byteOrderMark(first);
    const encoding = mark?.encoding ?? this.#encoding;
    if (first.length >= 3) file.encoding = encoding;
    return { encoding, skip: mark?.length ?? 0 };
  }
}

/** Where to read from, and the bytes that must stand there: those that were read last time, or else the file's first. */
function placeOf({ prefix }: LogFile, { tail, offset }: Mark, nulScan: number) {
  if (nulScan > 0) return { from: offset + nulScan, overlap: 0, expected: nothingHashed };
  return { from: offset - tail.length, overlap: tail.length, expected: offset === 0 ? prefix : tail };
}
