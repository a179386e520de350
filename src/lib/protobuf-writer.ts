/**
 * Writes one protobuf message, field by field; for messages that are rare, clarity comes before speed. As proto3 wants
 * it, fields that are zero or empty are left out.
 */
export class WireWriter {
  #bytes = Buffer.allocUnsafe(64);
  #length = 0;

  /** The message so far. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  double(field: number, value: number): void {
    if (value !== 0) this.presentDouble(field, value);
  }

  /** For members of a oneof, which are written even where they are zero. */
  presentDouble(field: number, value: number): void {
    this.#tag(field, fixed64);
    this.#double(value);
  }

  uint64(field: number, value: bigint): void {
    if (value !== 0n) this.presentUint64(field, value);
  }

  presentUint64(field: number, value: bigint): void {
    this.#tag(field, varint);
    this.#varint(value);
  }

  int64(field: number, value: number): void {
    this.uint64(field, BigInt.asUintN(64, BigInt(value)));
  }

  sint32(field: number, value: number): void {
    this.uint64(field, zigzag(BigInt(value)));
  }

  text(field: number, value: string): void {
    if (value !== "") this.#delimited(field, Buffer.from(value));
  }

  /** Also where it is empty: for repeated fields, whose elements count by their place. */
  presentText(field: number, value: string): void {
    this.#delimited(field, Buffer.from(value));
  }

  packedUint32(field: number, values: readonly number[]): void {
    this.#packed(field, values, (packed, value) => packed.#varint(BigInt(value)));
  }

  packedSint64(field: number, values: readonly bigint[]): void {
    this.#packed(field, values, (packed, value) => packed.#varint(zigzag(value)));
  }

  packedDouble(field: number, values: readonly number[]): void {
    this.#packed(field, values, (packed, value) => packed.#double(value));
  }

  message(field: number, write: (nested: WireWriter) => void): void {
    const nested = new WireWriter();
    write(nested);
    this.#delimited(field, nested.finish());
  }

  /** Fields that are encoded already. */
  fields(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #packed<Value>(field: number, values: readonly Value[], write: (packed: WireWriter, value: Value) => void): void {
    if (values.length === 0) return;
    const packed = new WireWriter();
    for (const value of values) write(packed, value);
    this.#delimited(field, packed.finish());
  }

  #delimited(field: number, bytes: Uint8Array): void {
    this.#tag(field, delimited);
    this.#varint(BigInt(bytes.length));
    this.fields(bytes);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(BigInt((field << 3) | wireType));
  }

  #varint(value: bigint): void {
    this.#reserve(10);
    let left = value;
    for (; left > 127n; left >>= 7n) this.#bytes[this.#length++] = Number(left & 127n) | 128;
    this.#bytes[this.#length++] = Number(left);
  }

  /** Every NaN with the same bits: others may have a meaning, as Prometheus' stale marker has. */
  #double(value: number): void {
    this.#reserve(8);
    if (Number.isNaN(value)) this.#bytes.writeBigUInt64LE(plainNaN, this.#length);
    else this.#bytes.writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

const varint = 0;
const fixed64 = 1;
const delimited = 2;

/** The one that Go and Prometheus write. */
const plainNaN = 0x7ff8_0000_0000_0001n;

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
function zigzag(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value;
}
