import type { Clock } from "../../lib/clock.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { byteOrderMark, type Encoding } from "./encoding.ts";
import { hashed, type Readable, readFully, sameHash, tailLength } from "./file-identity.ts";
import { maxLineBytes, type SplitLines, splitLines } from "./line-splitter.ts";
import { type LogFile, type Mark, markAt } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import { type HandOver, quota } from "./read-queue.ts";
import type { TailMeters } from "./tail-meters.ts";
import { linesBatch, type Timestamps } from "./timestamps.ts";

export interface ReaderOptions {
  readonly open: OpenFiles;
  readonly output: Receiver<"logs">;
  readonly encoding: Encoding;
  readonly clock: Clock;
  readonly timestamps: Timestamps;
  readonly meters: TailMeters;
  /** Bytes that a turn may take now, at least the quota. */
  readonly share: () => number;
}

/** The receiver's failure, not the file's. */
export class RefusedError extends Error {}

/** `more`: it is to be called again. `end`: nothing to read for now. `other`: the bytes are not those that were read. */
export type TurnResult = "more" | "end" | "other";

/**
 * One turn of a file: read from its position on, cut into lines, hand them over, and move the position once they are
 * safe. Nothing is kept between two turns but the position: what was not taken is read again.
 *
 *        tail     chunk
 *     ├──64 B──┤├──its share, a line more where one is longer──┤
 *              ▲ position
 *     the tail must be what was read last time; else something wrote another content into the file
 */
export class Reader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Rejects where the file cannot be read or the receiver refuses. */
  async turn(file: LogFile, handOver: HandOver): Promise<TurnResult> {
    const { open, clock, meters } = this.#options;
    const wanted = Math.max(file.chunk, Math.trunc(this.#options.share()));
    const read = await open.use(file, (content) => this.#read(file, content, wanted));
    if (read === undefined) return "other";
    const { bytes, before, encoding, skip } = read;
    if (bytes.length <= skip) return this.#atEnd(file);
    const isFull = bytes.length === wanted;
    const text = bytes.subarray(skip);
    const split = splitLines(text, encoding, file.isFlushed && !isFull && !file.isIncomplete);
    if (split.consumed === 0) return this.#withoutLine(file, text, isFull);

    const consumed = skip + split.consumed;
    const mark = markAt(file.offset + file.nulScan + consumed, lastBytes(before, bytes.subarray(0, consumed)));
    meters.nulBytes(split.nulBytes + file.nulScan);
    if (split.lines.length > 0) await this.#send(file, split, () => handOver(consumed));
    file.moveTo(mark, clock.monotonic());
    file.chunk = 0;
    if (!isFull) file.isDrained = true;
    meters.readBytes(file.name.path, mark.offset);
    // What a full chunk left may hold lines.
    return isFull || file.isFlushed ? "more" : "end";
  }

  async #read(file: LogFile, content: Readable, wanted: number) {
    const { tail, offset } = file.mark;
    const overlap = file.nulScan > 0 ? 0 : tail.length;
    const from = offset + file.nulScan - overlap;
    const all = await readFully(content, overlap + wanted, from);
    const before = all.subarray(0, overlap);
    if (all.length === overlap && content.damage !== undefined) throw content.damage;
    file.isIncomplete = content.isIncomplete === true;
    if (overlap > 0 && !sameHash(hashed(before), tail)) return undefined;
    const bytes = all.subarray(overlap);
    const isStart = offset + file.nulScan === 0;
    const { encoding, skip } = await this.#encodingOf(file, isStart ? bytes : undefined, content);
    return { bytes, before, encoding, skip: isStart ? skip : 0 };
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
    const encoding = mark?.encoding ?? this.#options.encoding;
    if (first.length >= 3) file.encoding = encoding;
    return { encoding, skip: mark?.length ?? 0 };
  }

  #atEnd(file: LogFile): TurnResult {
    file.isDrained = true;
    file.chunk = 0;
    // NULs at the end may be room that somebody took in advance and fills later.
    file.nulScan = 0;
    return "end";
  }

  /** Not one whole line: it is longer than what was read, a hole of NULs, or not finished yet. */
  #withoutLine(file: LogFile, bytes: Buffer, isFull: boolean): TurnResult {
    if (!isFull) return this.#atEnd(file);
    if (isNuls(bytes)) file.nulScan += bytes.length;
    else file.chunk = Math.min(2 * Math.max(file.chunk, quota), maxLineBytes + quota);
    return "more";
  }

  async #send(file: LogFile, split: SplitLines, onHandedOver: () => void): Promise<void> {
    const { output, timestamps, clock, meters } = this.#options;
    const batch = linesBatch(file.followed.labels, split, timestamps, clock.now());
    try {
      const accepted = output.receive(batch);
      onHandedOver();
      await accepted;
    } catch (error) {
      throw new RefusedError("a receiver does not take the entries", { cause: error });
    }
    meters.lines(file.name.path, split.lines.length);
    meters.truncated(split.truncated.length);
    meters.invalid(split.invalid);
  }
}

function lastBytes(before: Buffer, consumed: Buffer): Buffer {
  if (consumed.length >= tailLength) return consumed.subarray(-tailLength);
  return Buffer.concat([before, consumed]).subarray(-tailLength);
}

function isNuls(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** What is known of a position that somebody else wrote down: the bytes before it. */
export async function markIn(content: Readable, offset: number): Promise<Mark> {
  const length = Math.min(tailLength, offset);
  return markAt(offset, await readFully(content, length, offset - length));
}
