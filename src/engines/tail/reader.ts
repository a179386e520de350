import type { Clock } from "../../lib/clock.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { type Chunk, ChunkReader } from "./chunk-reader.ts";
import type { Encoding } from "./encoding.ts";
import { tailLength } from "./file-identity.ts";
import { maxLineBytes, type SplitLines, splitLines } from "./line-splitter.ts";
import { type LogFile, type Mark, markAt } from "./log-file.ts";
import type { OpenFiles } from "./open-files.ts";
import { type HandOver, quota } from "./read-queue.ts";
import type { TailMeters } from "./tail-meters.ts";
import { linesBatch, type Timestamps } from "./timestamps.ts";

/**
 * How long an acknowledgement is waited for before the next chunk is sent while other files wait for their turn, and where
 * the file has none, before a look.
 */
const aheadMs = 25;
const firstLookMs = 250;
const longestLookMs = 10_000;

export interface ReaderOptions {
  readonly open: OpenFiles;
  readonly output: Receiver<"logs">;
  readonly encoding: Encoding;
  readonly clock: Clock;
  readonly timestamps: Timestamps;
  readonly meters: TailMeters;
  /** Bytes that a turn may take now, at least the quota. */
  readonly share: () => number;
  /** Chunks of one file that may be with the receiver at a time. */
  readonly ahead: () => number;
  /** Whether more may be sent before what was sent is acknowledged. */
  readonly hasRoom: () => boolean;
  /** Whether a file waits for its turn. */
  readonly isAwaited: () => boolean;
}

/** The receiver's failure, not the file's. */
export class RefusedError extends Error {}

/** A chunk that the receiver has not acknowledged yet: what is left of it, for its lines would be in the way. */
interface Sent {
  /** Behind it. */
  readonly mark: Mark;
  readonly counts: { readonly lines: number; readonly truncated: number; readonly invalid: number };
  /** There is certainly more behind it. */
  readonly isFull: boolean;
  readonly acknowledged: Promise<void>;
  /** Acknowledged or refused. */
  isSettled: boolean;
  /** Once it is, or is given up. */
  release(): void;
}

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
 *
 * A receiver may hold the last lines back until it has seen the next ones. So where the acknowledgement does not come at
 * once, the turn reads on, a few chunks ahead; the position follows the acknowledgements.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #chunks: ChunkReader;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#chunks = new ChunkReader(options.encoding);
  }

  /**
   * Rejects where the file cannot be read or the receiver refuses. `onEnd`: all of the file is with the receiver, which
   * has not acknowledged it yet.
   */
  async turn(file: LogFile, handOver: HandOver, onEnd: () => void): Promise<TurnResult> {
    const { open } = this.#options;
    const wanted = Math.max(file.chunk, this.#options.share());
    const chunk = await open.use(file, (content) => this.#chunks.read(file, content, wanted, file.mark, file.nulScan));
    if (chunk === undefined) return "other";
    const sent = this.#sendFirst(file, chunk, wanted, handOver);
    if (typeof sent === "string") return sent;
    const last = await this.#settle(file, sent, handOver, onEnd);
    file.chunk = 0;
    if (!last.isFull) file.isDrained = true;
    // What a full chunk left may hold lines.
    return last.isFull || file.isFlushed ? "more" : "end";
  }

  /** How the turn ends where there is nothing to send. */
  #sendFirst(file: LogFile, chunk: Chunk, wanted: number, handOver: HandOver): Sent | TurnResult {
    const { bytes, before, encoding, skip } = chunk;
    try {
      if (bytes.length <= skip) return this.#atEnd(file);
      const isFull = bytes.length === wanted;
      const text = bytes.subarray(skip);
      const split = splitLines(text, encoding, file.isFlushed && !isFull && !file.isIncomplete);
      if (split.consumed === 0) return this.#withoutLine(file, text, isFull);
      const consumed = skip + split.consumed;
      const mark = markAt(file.offset + file.nulScan + consumed, lastBytes(before, bytes.subarray(0, consumed)));
      this.#options.meters.nulBytes(split.nulBytes + file.nulScan);
      return this.#send(file, split, mark, isFull, handOver);
    } finally {
      this.#chunks.give(chunk);
    }
  }

  /** Waits until the chunk, and those that are sent ahead meanwhile, are acknowledged; resolves to the last of them. */
  async #settle(file: LogFile, first: Sent, handOver: HandOver, onEnd: () => void): Promise<Sent> {
    const { clock, meters, ahead, hasRoom } = this.#options;
    const sent = [first];
    let last = first;
    let lookMs = firstLookMs;
    try {
      for (let oldest: Sent | undefined = first; oldest !== undefined; oldest = sent[0]) {
        const mayGoAhead = sent.length < ahead() && hasRoom();
        const patience = mayGoAhead ? this.#patience(last, lookMs) : undefined;
        if (await this.#isAcknowledged(oldest, patience)) {
          sent.shift();
          oldest.release();
          file.moveTo(oldest.mark, clock.monotonic());
          meters.readBytes(file.name.path, oldest.mark.offset);
          this.#count(file, oldest);
          continue;
        }
        const next = await this.#sendAhead(file, last.mark, handOver, onEnd);
        // A receiver that is full may be so for hours, and there may be many files.
        lookMs = next === undefined ? Math.min(2 * lookMs, longestLookMs) : firstLookMs;
        if (next === undefined) continue;
        sent.push(next);
        last = next;
      }
      return last;
    } finally {
      for (const { release } of sent) release();
    }
  }

  /** With nobody else to read, there is no use in waiting. */
  #patience(last: Sent, lookMs: number): number {
    if (!last.isFull) return lookMs;
    return this.#options.isAwaited() ? aheadMs : 0;
  }

  /** Without a time it waits for as long as it takes. */
  async #isAcknowledged({ acknowledged, isSettled }: Sent, withinMs: number | undefined): Promise<boolean> {
    if (!isSettled && withinMs === 0) return false;
    let cancel = () => {};
    try {
      const taken = acknowledged.then(() => true);
      if (isSettled || withinMs === undefined) return await taken;
      const late = Promise.withResolvers<boolean>();
      cancel = this.#options.clock.after(withinMs, () => late.resolve(false));
      return await Promise.race([taken, late.promise]);
    } catch (error) {
      throw new RefusedError("a receiver does not take the entries", { cause: error });
    } finally {
      cancel();
    }
  }

  /** Whole lines behind the mark. Anything else is left to the next turn. */
  async #sendAhead(file: LogFile, from: Mark, handOver: HandOver, onEnd: () => void): Promise<Sent | undefined> {
    const wanted = this.#options.share();
    const chunk = await this.#options.open.use(file, (content) => this.#chunks.read(file, content, wanted, from, 0));
    if (chunk === undefined) return undefined;
    const { bytes, before, encoding } = chunk;
    try {
      const isFull = bytes.length === wanted;
      const split = splitLines(bytes, encoding, file.isFlushed && !isFull && !file.isIncomplete);
      // Of a file that was rotated away, the lines behind those that the receiver holds back are in the next file.
      if (split.consumed === 0 && !isFull) onEnd();
      if (split.consumed === 0) return undefined;
      this.#options.meters.nulBytes(split.nulBytes);
      const mark = markAt(from.offset + split.consumed, lastBytes(before, bytes.subarray(0, split.consumed)));
      return this.#send(file, split, mark, isFull, handOver);
    } finally {
      this.#chunks.give(chunk);
    }
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

  #send(file: LogFile, split: SplitLines, mark: Mark, isFull: boolean, handOver: HandOver): Sent {
    const { output, timestamps, clock } = this.#options;
    const { count: lines, truncated, invalid, consumed } = split;
    const batch = linesBatch(file.followed.labels, split, timestamps, clock.now());
    const acknowledged = lines > 0 ? output.receive(batch) : Promise.resolve();
    const counts = { lines, truncated: truncated.length, invalid };
    const sent: Sent = { mark, counts, isFull, acknowledged, isSettled: false, release: handOver(consumed) };
    const settle = () => {
      sent.isSettled = true;
    };
    // One that is refused is seen when it is the oldest; those before it decide first.
    acknowledged.then(settle, settle);
    return sent;
  }

  #count(file: LogFile, { counts: { lines, truncated, invalid } }: Sent): void {
    const { meters } = this.#options;
    meters.lines(file.name.path, lines);
    meters.truncated(truncated);
    meters.invalid(invalid);
  }
}

function lastBytes(before: Buffer, consumed: Buffer): Buffer {
  if (consumed.length >= tailLength) return consumed.subarray(-tailLength);
  return Buffer.concat([before, consumed]).subarray(-tailLength);
}

function isNuls(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
