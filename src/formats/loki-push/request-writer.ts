import { BufferPool } from "../../lib/buffer-pool.ts";
import { type Labels, noLabels } from "../../signals/labels.ts";
import type { Instants } from "./instants.ts";

/** A shorter copy is made byte by byte: the call that copies more costs as much. */
const shortCopy = 40;

/** A stream of the request: its labels, and where its entries stand, as pairs of a start and an end. */
interface Stream {
  readonly labels: Buffer;
  readonly pieces: number[];
  bytes: number;
}

/**
 * Writes a push request (logproto.PushRequest and google.protobuf.Timestamp):
 *
 *     PushRequest  1 stream    1 stream    …
 *     Stream       1 labels, as a text    2 entry    2 entry    …
 *     Entry        1 timestamp { 1 seconds, 2 nanoseconds }    2 line    3 structured metadata { 1 name, 2 value }    …
 *
 * Lines come by the hundred thousand, so no number is a BigInt, and a line that is there as UTF-8 is copied as it is. Entries
 * are written as they come, all into one buffer, however many streams there are; `finish` puts those of a stream together:
 *
 *     written    │ a a a │ b b │ a │ c c c │        request    a{ a a a a } b{ b b } c{ c c c }
 *
 * The slow twin is protobufjs, in test/reference/loki-push.ts.
 */
export class PushRequestWriter {
  readonly #memory: BufferPool;
  readonly #streams = new Map<string, Stream>();
  #stream: Stream | undefined;
  #bytes: Buffer;
  #length = 0;

  /** `memory` lends the buffer, which has room for `expected` bytes at first. */
  constructor(memory = new BufferPool(0), expected = 4096) {
    this.#memory = memory;
    this.#bytes = bufferOf(memory.take(expected));
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** What is written so far takes so much memory. */
  get length(): number {
    return this.#length;
  }

  has(text: string): boolean {
    return this.#streams.has(text);
  }

  /** What is appended from now on belongs to the stream with these labels, as formatStreamLabels writes them. */
  open(text: string): void {
    let stream = this.#streams.get(text);
    if (stream === undefined) {
      stream = { labels: Buffer.from(text), pieces: [], bytes: 0 };
      this.#streams.set(text, stream);
    }
    if (stream === this.#stream) return;
    this.#endPiece();
    stream.pieces.push(this.#length);
    this.#stream = stream;
  }

  /** `lineBytes` is what the line takes as UTF-8. */
  append(time: Instants, line: string, lineBytes: number, metadata: Labels = noLabels): void {
    this.#openEntry(time, lineBytes, metadataBytes(metadata));
    if (lineBytes > 0) this.#text(2, line, lineBytes);
    this.#metadata(metadata);
  }

  /** The line is `bytes` from `start` to `end`. */
  appendUtf8(time: Instants, bytes: Uint8Array, start: number, end: number, metadata: Labels = noLabels): void {
    this.#openEntry(time, end - start, metadataBytes(metadata));
    if (end > start) {
      this.#open(2, end - start);
      this.#copy(bytes, start, end);
    }
    this.#metadata(metadata);
  }

  /** The request, in memory that `allocate` gives. Nothing can be appended any more. */
  finish(allocate: (length: number) => Uint8Array = Buffer.allocUnsafe): Uint8Array {
    this.#endPiece();
    const streams = [...this.#streams.values()];
    const request = allocate(streams.reduce((sum, stream) => sum + fieldBytes(streamBytes(stream)), 0));
    streams.reduce((at, stream) => this.#writeStream(stream, request, at), 0);
    this.#memory.give(this.#bytes);
    return request;
  }

  #endPiece(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.bytes += this.#length - stream.pieces.at(-1)!;
    stream.pieces.push(this.#length);
    this.#stream = undefined;
  }

  #writeStream(stream: Stream, request: Uint8Array, start: number): number {
    const { labels, pieces } = stream;
    let at = start;
    request[at++] = (1 << 3) | 2;
    at = writeVarint(request, streamBytes(stream), at);
    request[at++] = (1 << 3) | 2;
    at = writeVarint(request, labels.length, at);
    request.set(labels, at);
    at += labels.length;
    for (let piece = 0; piece < pieces.length; piece += 2) {
      request.set(this.#bytes.subarray(pieces[piece]!, pieces[piece + 1]!), at);
      at += pieces[piece + 1]! - pieces[piece]!;
    }
    return at;
  }

  /** The head of an entry, and its timestamp. */
  #openEntry({ seconds, nanos }: Instants, lineBytes: number, moreBytes: number): void {
    const timeBytes = (seconds === 0 ? 0 : 1 + secondsBytes(seconds)) + (nanos === 0 ? 0 : 1 + varintBytes(nanos));
    this.#open(2, 2 + timeBytes + (lineBytes === 0 ? 0 : fieldBytes(lineBytes)) + moreBytes);
    this.#open(1, timeBytes);
    this.#seconds(seconds);
    if (nanos !== 0) {
      this.#bytes[this.#length++] = 2 << 3;
      this.#varint(nanos);
    }
  }

  #metadata(metadata: Labels): void {
    for (let at = 0; at < metadata.length; at += 2) this.#pair(metadata[at]!, metadata[at + 1]!);
  }

  #pair(name: string, value: string): void {
    const [nameBytes, valueBytes] = [Buffer.byteLength(name), Buffer.byteLength(value)];
    this.#open(3, pairBytes(nameBytes, valueBytes));
    if (nameBytes > 0) this.#text(1, name, nameBytes);
    if (valueBytes > 0) this.#text(2, value, valueBytes);
  }

  /** The head of a message of that length, and room for all of it. */
  #open(field: number, length: number): void {
    this.#reserve(length + 11);
    this.#bytes[this.#length++] = (field << 3) | 2;
    this.#varint(length);
  }

  #text(field: number, text: string, length: number): void {
    this.#open(field, length);
    this.#length += this.#bytes.write(text, this.#length);
  }

  #copy(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > shortCopy) {
      this.#bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start), this.#length);
      this.#length += end - start;
    } else for (let at = start; at < end; at++) this.#bytes[this.#length++] = bytes[at]!;
  }

  #seconds(seconds: number): void {
    if (seconds === 0) return;
    this.#bytes[this.#length++] = 1 << 3;
    if (seconds > 0) this.#varint(seconds);
    else this.#negative(BigInt.asUintN(64, BigInt(seconds)));
  }

  /** Of an int64 it takes ten bytes. */
  #negative(bits: bigint): void {
    let left = bits;
    for (; left > 127n; left >>= 7n) this.#bytes[this.#length++] = Number(left & 127n) | 128;
    this.#bytes[this.#length++] = Number(left);
  }

  #varint(value: number): void {
    this.#length = writeVarint(this.#bytes, value, this.#length);
  }

  #reserve(length: number): void {
    if (this.#length + length > this.#bytes.length) this.#grow(this.#length + length);
  }

  #grow(wanted: number): void {
    const larger = bufferOf(this.#memory.take(Math.max(this.#bytes.length * 2, wanted)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#memory.give(this.#bytes);
    this.#bytes = larger;
  }
}

/** All of its memory, which may be more than was asked for. */
function bufferOf({ buffer }: Uint8Array): Buffer {
  return Buffer.from(buffer);
}

function streamBytes({ labels, bytes }: Stream): number {
  return fieldBytes(labels.length) + bytes;
}

function secondsBytes(seconds: number): number {
  return seconds < 0 ? 10 : varintBytes(seconds);
}

function metadataBytes(metadata: Labels): number {
  let bytes = 0;
  for (let at = 0; at < metadata.length; at += 2) {
    bytes += fieldBytes(pairBytes(Buffer.byteLength(metadata[at]!), Buffer.byteLength(metadata[at + 1]!)));
  }
  return bytes;
}

function pairBytes(nameBytes: number, valueBytes: number): number {
  return (nameBytes === 0 ? 0 : fieldBytes(nameBytes)) + (valueBytes === 0 ? 0 : fieldBytes(valueBytes));
}

/** With its tag and length. */
function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

function varintBytes(value: number): number {
  if (value < 1 << 7) return 1;
  if (value < 1 << 14) return 2;
  if (value < 1 << 21) return 3;
  if (value < 1 << 28) return 4;
  return 5;
}

/** Of at most 35 bits, and nothing here has more: the seconds of a timestamp have 34. */
function writeVarint(bytes: Uint8Array, value: number, start: number): number {
  let [left, at] = [value, start];
  while (left >= 2 ** 31) {
    bytes[at++] = (left % 128) | 128;
    left = Math.floor(left / 128);
  }
  for (; left > 127; left >>>= 7) bytes[at++] = (left & 127) | 128;
  bytes[at++] = left;
  return at;
}
