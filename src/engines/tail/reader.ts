import { type Clock, sleep } from "../../lib/clock.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { byteOrderMark, type Encoding } from "./encoding.ts";
import { hashed, type Readable, readFully, sameHash, tailLength } from "./file-identity.ts";
import { maxLineBytes, type SplitLines, splitLines } from "./line-splitter.ts";
import { type LogFile, type Mark, markAt } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import type { TailMeters } from "./tail-meters.ts";
import { linesBatch, type Timestamps } from "./timestamps.ts";

/** Bytes that a file may give before it is another one's turn. */
const quota = 64 * 1024;

/** Chunks that may be with the receiver at a time. */
const maxAhead = 4;

/** How long an acknowledgement is waited for before the next chunk is sent, and where the file has none, before a look. */
const aheadMs = 5;
const lookMs = 250;

export interface ReaderOptions {
  readonly open: OpenFiles;
  readonly output: Receiver<"logs">;
  readonly encoding: Encoding;
  readonly clock: Clock;
  readonly timestamps: Timestamps;
  readonly meters: TailMeters;
}

/** The receiver's failure, not the file's. */
export class RefusedError extends Error {}

/** A chunk that the receiver has not acknowledged yet. */
interface Sent {
  /** Behind it. */
  readonly mark: Mark;
  readonly split: SplitLines;
  /** There is certainly more behind it. */
  readonly isFull: boolean;
  readonly acknowledged: Promise<void>;
}

/** `more`: it is to be called again. `end`: nothing to read for now. `other`: the bytes are not those that were read. */
export type TurnResult = "more" | "end" | "other";

/**
 * One turn of a file: read from its position on, cut into lines, hand them over, and move the position once they are
 * safe. Nothing is kept between two turns but the position: what was not taken is read again.
 *
 *        tail     chunk
 *     ├──64 B──┤├──64 KiB, a line more where one is longer──┤
 *              ▲ position
 *     the tail must be what was read last time; else something wrote another content into the file
 *
 * A receiver may hold the last lines back until it has seen the next ones. So where the acknowledgement does not come at
 * once, the turn reads on, a few chunks ahead; the position follows the acknowledgements.
 */
export class Reader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Rejects where the file cannot be read or the receiver refuses. */
  async turn(file: LogFile): Promise<TurnResult> {
    const { open, meters } = this.#options;
    const wanted = Math.max(file.chunk, quota);
    const read = await open.use(file, (content) => this.#readFrom(file, content, wanted, file.mark, file.nulScan));
    if (read === undefined) return "other";
    const { bytes, before, encoding, skip } = read;
    if (bytes.length <= skip) return this.#atEnd(file);
    const isFull = bytes.length === wanted;
    const text = bytes.subarray(skip);
    const split = splitLines(text, encoding, file.isFlushed && !isFull);
    if (split.consumed === 0) return this.#withoutLine(file, text, isFull);

    const consumed = skip + split.consumed;
    const mark = markAt(file.offset + file.nulScan + consumed, lastBytes(before, bytes.subarray(0, consumed)));
    meters.nulBytes(split.nulBytes + file.nulScan);
    const last = await this.#settle(file, this.#send(file, split, mark, isFull));
    file.chunk = 0;
    if (!last.isFull) file.isDrained = true;
    // What a full chunk left may hold lines.
    return last.isFull || file.isFlushed ? "more" : "end";
  }

  /** Waits until the chunk, and those that are sent ahead meanwhile, are acknowledged; resolves to the last of them. */
  async #settle(file: LogFile, first: Sent): Promise<Sent> {
    const { clock, meters } = this.#options;
    const sent = [first];
    let last = first;
    let mayGoOn = first.isFull;
    for (let oldest: Sent | undefined = first; oldest !== undefined; oldest = sent[0]) {
      if (await this.#isAcknowledged(oldest, mayGoOn && sent.length < maxAhead ? aheadMs : lookMs)) {
        sent.shift();
        file.moveTo(oldest.mark, clock.monotonic());
        meters.readBytes(file.name.path, oldest.mark.offset);
        this.#count(file, oldest.split);
      } else if (sent.length < maxAhead) {
        const next: Sent | undefined = await this.#sendAhead(file, last.mark);
        mayGoOn = next?.isFull === true;
        if (next === undefined) continue;
        sent.push(next);
        last = next;
      }
    }
    return last;
  }

  async #isAcknowledged({ acknowledged }: Sent, withinMs: number): Promise<boolean> {
    const waited = new AbortController();
    const late = sleep(this.#options.clock, withinMs, waited.signal).then(() => false);
    try {
      return await Promise.race([acknowledged.then(() => true), late]);
    } catch (error) {
      throw new RefusedError("a receiver does not take the entries", { cause: error });
    } finally {
      waited.abort();
    }
  }

  /** Whole lines behind the mark. Anything else, and what cannot be read, is left to the next turn. */
  async #sendAhead(file: LogFile, from: Mark): Promise<Sent | undefined> {
    const { open } = this.#options;
    const read = await open
      .use(file, (content) => this.#readFrom(file, content, quota, from, 0))
      .catch(() => undefined);
    if (read === undefined || read.bytes.length === 0) return undefined;
    const { bytes, before, encoding } = read;
    const isFull = bytes.length === quota;
    const split = splitLines(bytes, encoding, file.isFlushed && !isFull);
    if (split.consumed === 0) return undefined;
    this.#options.meters.nulBytes(split.nulBytes);
    const mark = markAt(from.offset + split.consumed, lastBytes(before, bytes.subarray(0, split.consumed)));
    return this.#send(file, split, mark, isFull);
  }

  async #readFrom(file: LogFile, content: Readable, wanted: number, { tail, offset }: Mark, nulScan: number) {
    const overlap = nulScan > 0 ? 0 : tail.length;
    const from = offset + nulScan - overlap;
    const all = await readFully(content, overlap + wanted, from);
    const before = all.subarray(0, overlap);
    if (overlap > 0 && !sameHash(hashed(before), tail)) return undefined;
    const bytes = all.subarray(overlap);
    const isStart = offset + nulScan === 0;
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

  #send(file: LogFile, split: SplitLines, mark: Mark, isFull: boolean): Sent {
    const { output, timestamps, clock } = this.#options;
    const batch = linesBatch(file.followed.labels, split, timestamps, clock.now());
    const acknowledged = split.lines.length > 0 ? output.receive(batch) : Promise.resolve();
    // One that is refused is seen when it is the oldest; those before it decide first.
    acknowledged.catch(() => {});
    return { mark, split, isFull, acknowledged };
  }

  #count(file: LogFile, split: SplitLines): void {
    const { meters } = this.#options;
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
