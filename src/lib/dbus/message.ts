import { DbusReader } from "./reader.ts";
import type { DbusValue } from "./values.ts";

/** D-Bus specification, "Message Types". */
export const messageType = { call: 1, reply: 2, error: 3, signal: 4 } as const;

/** Numbers of the header's fields. */
const field = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 } as const;

/** The bytes before the header's fields: order, type, flags, version, body length, serial, length of the fields. */
const fixedBytes = 16;

/** The specification's own limit. */
const mostBytes = 128 * 2 ** 20;

export interface MethodCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** All that our calls need: strings. */
  readonly args: readonly string[];
}

export interface Message {
  readonly type: number;
  /** Of the call that this answers; 0 for other messages. */
  readonly replySerial: number;
  /** Empty unless it is an error. */
  readonly errorName: string;
  readonly body: readonly DbusValue[];
}

/** A method call, little-endian. The serial must not be 0 and not be used twice on a connection. */
export function encodeCall({ args, destination, interface: face, member, path }: MethodCall, serial: number): Buffer {
  const texts = [destination, face, member, path, ...args];
  const writer = new Writer(texts.reduce((sum, text) => sum + 3 * text.length + overheadBytes, overheadBytes));
  writer.bytes(0x6c, messageType.call, 0, 1);
  // How long the body and the fields are is known at the end.
  writer.uint32(0);
  writer.uint32(serial);
  writer.uint32(0);
  writer.field(field.path, "o", path);
  writer.field(field.interface, "s", face);
  writer.field(field.member, "s", member);
  writer.field(field.destination, "s", destination);
  if (args.length > 0) writer.field(field.signature, "g", "s".repeat(args.length));
  const fieldsLength = writer.length - fixedBytes;
  writer.align(8);
  const bodyStart = writer.length;
  for (const text of args) writer.string(text);
  return writer.message(fieldsLength, writer.length - bodyStart);
}

/** More than length, NUL, padding and a field's code and type of one string, and than the fixed bytes. */
const overheadBytes = 32;

/** How long the message is whose first bytes these are; undefined while they are too few to tell. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < fixedBytes) return undefined;
  const reader = new DbusReader(bytes, isLittle(bytes), 4);
  const [body = 0, , fields = 0] = reader.values("uuu") as number[];
  const length = fixedBytes + Math.ceil(fields / 8) * 8 + body;
  if (length > mostBytes) throw new Error("a message is longer than D-Bus allows");
  return length;
}

export function decodeMessage(bytes: Buffer): Message {
  const reader = new DbusReader(bytes, isLittle(bytes), fixedBytes - 4);
  const fields = new Map(reader.values("a(yv)").flat() as unknown as [number, DbusValue][]);
  reader.align(8);
  return {
    type: bytes[1] ?? 0,
    replySerial: Number(fields.get(field.replySerial) ?? 0),
    errorName: String(fields.get(field.errorName) ?? ""),
    body: reader.values(String(fields.get(field.signature) ?? "")),
  };
}

function isLittle(bytes: Buffer): boolean {
  if (bytes[0] !== 0x6c && bytes[0] !== 0x42) throw new Error("what came is no D-Bus message");
  return bytes[0] === 0x6c;
}

/** Writes into one buffer that is large enough; alignment counts from its beginning. */
class Writer {
  readonly #bytes: Buffer;
  length = 0;

  constructor(mostBytes: number) {
    this.#bytes = Buffer.alloc(mostBytes);
  }

  message(fieldsLength: number, bodyLength: number): Buffer {
    this.#bytes.writeUInt32LE(bodyLength, 4);
    this.#bytes.writeUInt32LE(fieldsLength, fixedBytes - 4);
    return this.#bytes.subarray(0, this.length);
  }

  bytes(...bytes: number[]): void {
    for (const byte of bytes) this.length = this.#bytes.writeUInt8(byte, this.length);
  }

  uint32(value: number): void {
    this.align(4);
    this.length = this.#bytes.writeUInt32LE(value, this.length);
  }

  /** What is behind the text is 0 already: the NUL at its end. */
  string(text: string): void {
    this.align(4);
    const length = this.#bytes.write(text, this.length + 4);
    this.#bytes.writeUInt32LE(length, this.length);
    this.length += 4 + length + 1;
  }

  /** One `(yv)` of the header, its value a string, an object path or a signature. */
  field(code: number, type: "s" | "o" | "g", text: string): void {
    this.align(8);
    this.bytes(code, 1, type.charCodeAt(0), 0);
    if (type === "g") {
      this.bytes(text.length);
      this.length += this.#bytes.write(text, this.length) + 1;
    } else {
      this.string(text);
    }
  }

  align(to: number): void {
    this.length = Math.ceil(this.length / to) * to;
  }
}
