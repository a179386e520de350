/**
 * D-Bus from the other side, written from the specification and apart from src/lib/dbus: strict in what it takes. It
 * serves as a bus of its own, or as a service on a real one.
 */

/** A value with its type: `["s", "text"]`, `["a(so)", [["seat0", "/seat0"]]]`. */
export type Typed = readonly [signature: string, value: unknown];

export interface Received {
  readonly type: number;
  readonly serial: number;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly destination: string;
  readonly sender: string;
  readonly args: readonly unknown[];
}

const fieldTypes: Record<number, string> = { 1: "o", 2: "s", 3: "s", 4: "s", 5: "u", 6: "s", 7: "s", 8: "g", 9: "u" };

export function encodeMessage(
  head: { type: number; serial: number; fields: Record<number, string | number> },
  body: readonly Typed[],
): Buffer {
  const fields = { ...head.fields, ...(body.length > 0 && { 8: body.map(([signature]) => signature).join("") }) };
  const bodyBytes: number[] = [];
  for (const [signature, value] of body) write(bodyBytes, signature, value);
  const header: number[] = [0x6c, head.type, 0, 1];
  write(header, "u", bodyBytes.length);
  write(header, "u", head.serial);
  const list = Object.entries(fields).map(([code, value]) => [Number(code), [fieldTypes[Number(code)], value]]);
  write(header, "a(yv)", list);
  pad(header, 8);
  return Buffer.from([...header, ...bodyBytes]);
}

/** Takes whole messages off the front; what is left waits for more. Throws on anything that a strict bus refuses. */
export function decodeMessages(bytes: Buffer): { messages: Received[]; rest: Buffer } {
  const messages: Received[] = [];
  let rest = bytes;
  for (;;) {
    if (rest.length < 16) return { messages, rest };
    const [bodyLength, serial, fieldsLength] = [4, 8, 12].map((at) => rest.readUInt32LE(at)) as [
      number,
      number,
      number,
    ];
    const bodyStart = Math.ceil((16 + fieldsLength) / 8) * 8;
    if (rest.length < bodyStart + bodyLength) return { messages, rest };
    messages.push(decodeOne(rest.subarray(0, bodyStart + bodyLength), bodyStart, serial));
    rest = rest.subarray(bodyStart + bodyLength);
  }
}

function decodeOne(bytes: Buffer, bodyStart: number, serial: number): Received {
  if (bytes[0] !== 0x6c || bytes[3] !== 1) throw new Error("byte order or version is wrong");
  if (serial === 0) throw new Error("a serial is 0");
  const header = { bytes, at: 12 };
  const fields = new Map<number, unknown>();
  for (const [code, variant] of read(header, "a(yv)") as [number, [string, unknown]][]) {
    if (variant[0] !== fieldTypes[code]) throw new Error(`field ${code} has the type ${variant[0]}`);
    fields.set(code, variant[1]);
  }
  skipPadding(header, 8);
  if (header.at !== bodyStart) throw new Error("the header does not end where it says");
  const body = { bytes, at: bodyStart };
  // The arguments of our calls are strings.
  const args = [...String(fields.get(8) ?? "")].map((type) => read(body, type));
  if (body.at !== bytes.length) throw new Error("the body does not end where it says");
  const text = (code: number) => String(fields.get(code) ?? "");
  const names = { path: text(1), interface: text(2), member: text(3), destination: text(6), sender: text(7) };
  return { type: bytes[1] ?? 0, serial, ...names, args };
}

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

function read(cursor: Cursor, type: string): unknown {
  const { bytes } = cursor;
  if (type === "y") return bytes[cursor.at++];
  if (type === "g") return text(cursor, bytes[cursor.at++] ?? 0);
  if (type === "v") {
    const signature = read(cursor, "g") as string;
    return [signature, read(cursor, signature)];
  }
  if (type.startsWith("(")) {
    skipPadding(cursor, 8);
    return [...type.slice(1, -1)].map((member) => read(cursor, member));
  }
  skipPadding(cursor, 4);
  const number = bytes.readUInt32LE(cursor.at);
  cursor.at += 4;
  if (type === "u") return number;
  if (type === "s" || type === "o") return text(cursor, number);
  if (!type.startsWith("a(")) throw new Error(`no call of ours has the type ${type}`);
  skipPadding(cursor, 8);
  const end = cursor.at + number;
  const values: unknown[] = [];
  while (cursor.at < end) values.push(read(cursor, type.slice(1)));
  if (cursor.at !== end) throw new Error("an array does not end where it says");
  return values;
}

function text(cursor: Cursor, length: number): string {
  const start = cursor.at;
  cursor.at += length + 1;
  if (cursor.bytes[cursor.at - 1] !== 0) throw new Error("a string does not end with NUL");
  const value = cursor.bytes.toString("utf8", start, start + length);
  if (value.includes("\0") || value.includes("\uFFFD")) throw new Error("a string is not valid");
  return value;
}

function skipPadding(cursor: Cursor, to: number): void {
  while (cursor.at % to !== 0) if (cursor.bytes[cursor.at++] !== 0) throw new Error("padding is not zero");
}

const sizes: Record<string, number> = { n: 2, q: 2, b: 4, i: 4, u: 4, x: 8, t: 8, d: 8, "(": 8, s: 4, o: 4, a: 4 };

function write(out: number[], type: string, value: unknown): void {
  if (type !== "v" && type !== "y" && type !== "g") pad(out, sizes[type[0]!]!);
  switch (type[0]) {
    case "v":
      write(out, "g", (value as Typed)[0]);
      write(out, ...(value as Typed));
      break;
    case "y":
      out.push(value as number);
      break;
    case "g":
      out.push((value as string).length, ...Buffer.from(value as string), 0);
      break;
    case "(":
      writeStruct(out, type, value as unknown[]);
      break;
    case "a":
      writeArray(out, type.slice(1), value as unknown[]);
      break;
    case "s":
    case "o":
      write(out, "u", Buffer.byteLength(value as string));
      out.push(...Buffer.from(value as string), 0);
      break;
    default:
      out.push(...numberBytes(type, value as number | bigint));
  }
}

function numberBytes(type: string, value: number | bigint): Buffer {
  const bytes = Buffer.alloc(sizes[type]!);
  if (type === "d") bytes.writeDoubleLE(Number(value));
  else if (bytes.length === 8) bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  else bytes.writeIntLE(Number(BigInt.asIntN(bytes.length * 8, BigInt(value))), 0, bytes.length);
  return bytes;
}

/** Members of one character each, but for one that may be an array or a struct at the end. */
function writeStruct(out: number[], type: string, values: unknown[]): void {
  const members = type.slice(1, -1).match(/a*(?:[a-z]|\(.*\))/g) ?? [];
  for (const [at, member] of members.entries()) write(out, member, values[at]);
}

function writeArray(out: number[], element: string, values: unknown[]): void {
  const lengthAt = out.length;
  out.push(0, 0, 0, 0);
  pad(out, sizes[element[0]!] ?? 1);
  const start = out.length;
  for (const value of values) write(out, element, value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(out.length - start);
  for (const [at, byte] of length.entries()) out[lengthAt + at] = byte;
}

function pad(out: number[], to: number): void {
  while (out.length % to !== 0) out.push(0);
}
