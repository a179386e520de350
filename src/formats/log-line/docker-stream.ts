import { parseRfc3339 } from "../../lib/rfc3339.ts";

export type OutputStream = "stdout" | "stderr";

/** A line that a container has written. */
export interface ContainerLine {
  readonly stream: OutputStream;
  /** Nanoseconds since the epoch; of a line that came in parts, that of the first. */
  readonly timestamp: bigint;
  readonly line: string;
}

/** The engine says that it cannot go on, or what it sends is no stream of it. */
export class DockerStreamError extends Error {}

/** A longer line is cut; the engine hands lines over in parts of 16 KiB. */
const longestLine = 1024 * 1024;
/** Far beyond any part of a line. */
const longestFrame = 16 * 1024 * 1024;
const headerBytes = 8;

/**
 * The answer of the Engine API to `/containers/<id>/logs?timestamps=true`, in pieces of any size.
 *
 *     without a terminal: frames      1 · · · size(4, big-endian) | 2026-01-01T00:00:00.000000001Z a line\n
 *     with one: plain                 2026-01-01T00:00:00.000000001Z a line\r\n
 *
 * A frame is a line, or a part of one that has no line feed at its end; each part has a time.
 */
export class DockerStreamParser {
  readonly #isTerminal: boolean;
  /** Bytes of the frame or of the line that is not complete. */
  #rest: Buffer = Buffer.alloc(0);
  readonly #open: Partial<Record<OutputStream, { readonly timestamp: bigint; parts: Buffer[]; bytes: number }>> = {};
  #lastTime = 0n;

  constructor(isTerminal: boolean) {
    this.#isTerminal = isTerminal;
  }

  /** The lines that end in this piece. Throws a DockerStreamError. */
  push(piece: Uint8Array): ContainerLine[] {
    const bytes = Buffer.concat([this.#rest, piece]);
    const lines: ContainerLine[] = [];
    let at = 0;
    for (let end = this.#next(bytes, at, lines); end > at; end = this.#next(bytes, at, lines)) at = end;
    this.#rest = Buffer.from(bytes.subarray(at));
    return lines;
  }

  /** Takes one frame or line that is complete, and says where it ends; `from` where there is none. */
  #next(bytes: Buffer, from: number, lines: ContainerLine[]): number {
    return this.#isTerminal ? this.#nextLine(bytes, from, lines) : this.#nextFrame(bytes, from, lines);
  }

  #nextLine(bytes: Buffer, from: number, lines: ContainerLine[]): number {
    const lineFeed = bytes.indexOf(newline, from);
    const isLong = lineFeed < 0 && bytes.length - from >= longestLine;
    if (lineFeed < 0 && !isLong) return from;
    const end = isLong ? bytes.length : lineFeed + 1;
    this.#take("stdout", bytes.subarray(from, end), lines);
    return end;
  }

  #nextFrame(bytes: Buffer, from: number, lines: ContainerLine[]): number {
    if (bytes.length < from + headerBytes) return from;
    const [kind = 0] = bytes.subarray(from);
    const size = bytes.readUInt32BE(from + 4);
    const isHeader = kind <= 3 && bytes.readUIntBE(from + 1, 3) === 0 && size <= longestFrame;
    if (!isHeader) throw new DockerStreamError("the engine sends something that is no frame of a log");
    const start = from + headerBytes;
    if (bytes.length < start + size) return from;
    const payload = bytes.subarray(start, start + size);
    if (kind === 3) throw new DockerStreamError(`the engine says: ${payload.toString().trim()}`);
    this.#take(kind === 2 ? "stderr" : "stdout", payload, lines);
    return start + size;
  }

  /** A line, or a part of one. */
  #take(stream: OutputStream, part: Buffer, lines: ContainerLine[]): void {
    const isEnd = part.at(-1) === newline;
    const space = part.indexOf(spaceSign);
    const time = space < 0 ? undefined : parseRfc3339(part.toString("latin1", 0, space));
    this.#lastTime = time ?? this.#lastTime;
    this.#open[stream] ??= { timestamp: this.#lastTime, parts: [], bytes: 0 };
    const line = this.#open[stream];
    const text = part.subarray(time === undefined ? 0 : space + 1, isEnd ? -1 : undefined);
    const kept = text.subarray(0, longestLine - line.bytes);
    // A copy: what it is a part of is let go with the next piece.
    line.parts.push(Buffer.from(kept));
    line.bytes += kept.length;
    if (!isEnd) return;
    delete this.#open[stream];
    const whole = Buffer.concat(line.parts).toString();
    lines.push({ stream, timestamp: line.timestamp, line: this.#isTerminal ? whole.replace(/\r$/, "") : whole });
  }
}

const newline = 10;
const spaceSign = 32;
