import type { Utf8Lines } from "../../signals/log-batch.ts";
import { type Encoding, utf8 } from "./encoding.ts";

/**
 * Bytes of a file → its lines. Works on what was read from the start of a line on and keeps nothing in between: an
 * unfinished line is read again once it has grown.
 *
 *     bytes   one line⏎ another line⏎ ⏎ begin of the thi
 *             ├─ lines ─────────────────┤└ not consumed, unless `flush`
 *
 * Nearly always the whole part is plain UTF-8: then it is only said where its lines are. Plain text of another encoding is
 * decoded in one piece and cut as a string. Where a line has NUL runs, bytes that are no text, or is too long, each line
 * is looked at by itself.
 */
export interface SplitLines {
  readonly count: number;
  /** Decoded when they are asked for, which is too late once the memory of the bytes is used again. */
  readonly lines: readonly string[];
  /** Where they are, if all of them are plain UTF-8. */
  readonly utf8?: Utf8Lines;
  /** Bytes up to the end of the last line; what follows is an unfinished one. */
  readonly consumed: number;
  /** Indexes of lines that were cut because they are too long: the next entry goes on with them. */
  readonly truncated: readonly number[];
  /** Lines with bytes that are no text of the encoding; they stand as U+FFFD. */
  readonly invalid: number;
  /** Bytes of runs of NULs that were left out: holes of a sparse file, or what a crash left. */
  readonly nulBytes: number;
}

/** What Loki takes by default; a longer line becomes several entries. */
export const maxLineBytes = 256 * 1024;

export function splitLines(bytes: Buffer, encoding: Encoding, flush: boolean, maxBytes = maxLineBytes): SplitLines {
  const end = endOfLastLine(bytes, encoding);
  const isWhole = end === bytes.length || (!flush && bytes.length - end < maxBytes);
  const region = bytes.subarray(0, end);
  const plain = isWhole && isPlain(region, encoding) ? splitPlain(region, encoding, maxBytes) : undefined;
  return plain ?? new LineByLine(bytes, encoding, maxBytes).split(flush);
}

/** Behind the last line feed; 0 where there is none. */
function endOfLastLine(bytes: Buffer, { unit, newlineByte }: Encoding): number {
  if (unit === 1) return bytes.lastIndexOf(10) + 1;
  for (let at = (bytes.length & ~1) - 2; at >= 0; at -= 2) {
    if (bytes[at + newlineByte] === 10 && bytes[at + 1 - newlineByte] === 0) return at + 2;
  }
  return 0;
}

function isPlain(bytes: Buffer, encoding: Encoding): boolean {
  return (encoding.unit === 2 || !bytes.includes(0)) && encoding.isValid(bytes);
}

/** Undefined where a line may be too long. */
function splitPlain(region: Buffer, encoding: Encoding, maxBytes: number): SplitLines | undefined {
  const rest = { consumed: region.length, truncated: [], invalid: 0, nulBytes: 0 };
  if (encoding === utf8) {
    const found = findLines(region, maxBytes);
    if (found === undefined) return undefined;
    return {
      ...{ ...rest, count: found.starts.length, utf8: found },
      get lines() {
        return decoded(region, found);
      },
    };
  }
  if (region.length > maxBytes) return undefined;
  const lines = cut(region, encoding);
  return { ...rest, count: lines.length, lines };
}

function findLines(bytes: Buffer, maxBytes: number): Utf8Lines | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    if (newline - at > maxBytes) return undefined;
    starts.push(at);
    ends.push(newline > at && bytes[newline - 1] === 13 ? newline - 1 : newline);
    at = newline + 1;
  }
  return { bytes, starts, ends };
}

/** Decoded at a time: the call costs less for many lines, but a large string would survive a collection of the young ones. */
const pieceBytes = 16 * 1024;

function decoded(region: Buffer, { starts }: Utf8Lines): string[] {
  const lines: string[] = [];
  for (let from = 0, next = 0; from < region.length; ) {
    while ((starts[next] ?? Number.POSITIVE_INFINITY) - from < pieceBytes) next++;
    const to = starts[next] ?? region.length;
    for (const line of cut(region.subarray(from, to), utf8)) lines.push(line);
    from = to;
  }
  return lines;
}

function cut(region: Buffer, encoding: Encoding): string[] {
  const lines = region.length === 0 ? [] : encoding.decode(region).split("\n");
  // Behind the last line feed there is nothing.
  lines.pop();
  for (const [at, line] of lines.entries()) if (line.endsWith("\r")) lines[at] = line.slice(0, -1);
  return lines;
}

class LineByLine {
  readonly #bytes: Buffer;
  readonly #encoding: Encoding;
  readonly #maxBytes: number;
  readonly #lines: string[] = [];
  readonly #truncated: number[] = [];
  #invalid = 0;
  #nulBytes = 0;

  constructor(bytes: Buffer, encoding: Encoding, maxBytes: number) {
    this.#bytes = bytes;
    this.#encoding = encoding;
    this.#maxBytes = maxBytes;
  }

  split(flush: boolean): SplitLines {
    let at = 0;
    while (at < this.#bytes.length) {
      const newline = this.#newlineFrom(at);
      const end = newline < 0 ? this.#bytes.length : newline;
      // A line of just the largest size is whole once its line feed is seen.
      if (end - at > this.#maxBytes) at = this.#addPiece(at);
      else if (newline >= 0) {
        this.#add(this.#bytes.subarray(at, end), false);
        at = end + this.#encoding.unit;
      } else if (flush) {
        this.#add(this.#bytes.subarray(at), false);
        at = end;
      } else break;
    }
    return {
      count: this.#lines.length,
      lines: this.#lines,
      consumed: at,
      truncated: this.#truncated,
      invalid: this.#invalid,
      nulBytes: this.#nulBytes,
    };
  }

  #newlineFrom(from: number): number {
    const { unit, newlineByte } = this.#encoding;
    if (unit === 1) return this.#bytes.indexOf(10, from);
    for (let at = from; at + 1 < this.#bytes.length; at += 2) {
      if (this.#bytes[at + newlineByte] === 10 && this.#bytes[at + 1 - newlineByte] === 0) return at;
    }
    return -1;
  }

  #addPiece(at: number): number {
    const end = this.#encoding.cut(this.#bytes, at + this.#maxBytes);
    this.#add(this.#bytes.subarray(at, end), true);
    return end;
  }

  #add(line: Buffer, isTruncated: boolean): void {
    const text = this.#encoding.unit === 2 ? line : withoutNulRuns(line);
    this.#nulBytes += line.length - text.length;
    // A line of nothing but NULs is no line of anybody's.
    if (text.length === 0 && line.length > 0) return;
    if (!this.#encoding.isValid(text)) this.#invalid++;
    if (isTruncated) this.#truncated.push(this.#lines.length);
    const decoded = this.#encoding.decode(text);
    this.#lines.push(decoded.endsWith("\r") && !isTruncated ? decoded.slice(0, -1) : decoded);
  }
}

/** One NUL by itself may be meant; two are a hole. */
function withoutNulRuns(line: Buffer): Buffer {
  if (!line.includes("\0\0")) return line;
  const kept: Buffer[] = [];
  for (let at = 0; at < line.length; ) {
    const run = line.indexOf("\0\0", at);
    kept.push(line.subarray(at, run < 0 ? line.length : run));
    if (run < 0) break;
    at = run;
    while (line[at] === 0) at++;
  }
  return Buffer.concat(kept);
}
