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
export function encodeCall(call: MethodCall, serial: number): Buffer {
  const body = new Writer();
  for (const text of call.args) body.string(text);
  const header = new Writer();
  header.bytes([0x6c, messageType.call, 0, 1]);
  header.uint32(body.length);
  header.uint32(serial);
  const fields = new Writer();
  fields.field(field.path, "o", call.path);
  fields.field(field.interface, "s", call.interface);
  fields.field(field.member, "s", call.member);
  fields.field(field.destination, "s", call.destination);
  if (call.args.length > 0) fields.field(field.signature, "g", "s".repeat(call.args.length));
  header.uint32(fields.length);
  return Buffer.concat([header.take(), padded(fields.take()), body.take()]);
}

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

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / 8) * 8);
}

/** Appends values with their alignment, counted from its own beginning, which must be a multiple of 8 in the message. */
class Writer {
  readonly #parts: Buffer[] = [];
  length = 0;

  take(): Buffer {
    return Buffer.concat(this.#parts);
  }

  bytes(bytes: readonly number[] | Buffer): void {
    this.#parts.push(Buffer.from(bytes));
    this.length += bytes.length;
  }

  uint32(value: number): void {
    this.#align(4);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.bytes(bytes);
  }

  string(text: string): void {
    const bytes = Buffer.from(text);
    this.uint32(bytes.length);
    this.bytes(bytes);
    this.bytes([0]);
  }

  /** One `(yv)` of the header, its value a string, an object path or a signature. */
  field(code: number, type: "s" | "o" | "g", text: string): void {
    this.#align(8);
    this.bytes([code, 1, type.charCodeAt(0), 0]);
    if (type !== "g") this.string(text);
    else this.bytes([text.length, ...Buffer.from(text), 0]);
  }

  #align(to: number): void {
    const padding = (to - (this.length % to)) % to;
    if (padding > 0) this.bytes(new Array<number>(padding).fill(0));
  }
}
