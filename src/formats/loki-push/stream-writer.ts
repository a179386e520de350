import { type Labels, noLabels } from "../../signals/labels.ts";

/**
 * Writes one stream of a push request, entry by entry (logproto.Stream and google.protobuf.Timestamp):
 *
 *     Stream     1 labels, as a text    2 entry    2 entry    …
 *     Entry      1 timestamp { 1 seconds, 2 nanoseconds }    2 line    3 structured metadata { 1 name, 2 value }    …
 *
 * Lines come by the hundred thousand, so all of it goes into one buffer that grows, and no number but the timestamp is a
 * BigInt. The slow twin is protobufjs, in test/reference/loki-push.ts.
 */
export class StreamWriter {
  #bytes = Buffer.allocUnsafe(512);
  #length = 0;

  /** `text` is what formatStreamLabels makes of the labels. */
  constructor(text: string) {
    this.#text(1, text, Buffer.byteLength(text));
  }

  /** Of the stream with its tag and length, as `writeTo` writes it. */
  get size(): number {
    return 1 + varintBytes(this.#length) + this.#length;
  }

  append(timestamp: bigint, line: string, metadata: Labels = noLabels): void {
    const seconds = floorSeconds(timestamp);
    const nanos = Number(timestamp - seconds * 1_000_000_000n);
    const timeBytes = (seconds === 0n ? 0 : 1 + secondsBytes(seconds)) + (nanos === 0 ? 0 : 1 + varintBytes(nanos));
    const lineBytes = Buffer.byteLength(line);
    const entryBytes = 2 + timeBytes + (lineBytes === 0 ? 0 : fieldBytes(lineBytes)) + metadataBytes(metadata);
    this.#open(2, entryBytes);
    this.#open(1, timeBytes);
    this.#seconds(seconds);
    if (nanos !== 0) {
      this.#bytes[this.#length++] = 2 << 3;
      this.#varint(nanos);
    }
    if (lineBytes > 0) this.#text(2, line, lineBytes);
    for (let at = 0; at < metadata.length; at += 2) this.#pair(metadata[at]!, metadata[at + 1]!);
  }

  /** The stream as a field of its request; returns where it ends. */
  writeTo(output: Buffer, at: number): number {
    output[at] = (1 << 3) | 2;
    const from = writeVarint(output, this.#length, at + 1);
    this.#bytes.copy(output, from, 0, this.#length);
    return from + this.#length;
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

  #seconds(seconds: bigint): void {
    if (seconds === 0n) return;
    this.#bytes[this.#length++] = 1 << 3;
    if (seconds > 0n) this.#varint(Number(seconds));
    else this.#negative(BigInt.asUintN(64, seconds));
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
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** A push request, stream by stream; entries of the same labels come together, in the order in which they were appended. */
export class PushRequestWriter {
  readonly #streams = new Map<string, StreamWriter>();

  get streams(): number {
    return this.#streams.size;
  }

  has(text: string): boolean {
    return this.#streams.has(text);
  }

  /** The stream with these labels, as formatStreamLabels writes them. */
  stream(text: string): StreamWriter {
    const known = this.#streams.get(text);
    if (known !== undefined) return known;
    const stream = new StreamWriter(text);
    this.#streams.set(text, stream);
    return stream;
  }

  finish(): Buffer {
    const streams = [...this.#streams.values()];
    const request = Buffer.allocUnsafe(streams.reduce((sum, { size }) => sum + size, 0));
    streams.reduce((at, stream) => stream.writeTo(request, at), 0);
    return request;
  }
}

function floorSeconds(timestamp: bigint): bigint {
  const seconds = timestamp / 1_000_000_000n;
  return seconds * 1_000_000_000n > timestamp ? seconds - 1n : seconds;
}

function secondsBytes(seconds: bigint): number {
  return seconds < 0n ? 10 : varintBytes(Number(seconds));
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
  let bytes = 1;
  for (let left = value; left > 127; left = Math.floor(left / 128)) bytes++;
  return bytes;
}

function writeVarint(bytes: Buffer, value: number, start: number): number {
  let [left, at] = [value, start];
  for (; left > 127; left = Math.floor(left / 128)) bytes[at++] = (left % 128) | 128;
  bytes[at++] = left;
  return at;
}
