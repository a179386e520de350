/** Bytes that are no protobuf message. */
export class ProtobufError extends Error {}

/** How a field is encoded (protobuf encoding, "Message Structure"); 5 is a fixed32, which nobody here reads. */
const varint = 0;
const fixed64 = 1;
const delimited = 2;
const startGroup = 3;
const endGroup = 4;
const fixed32 = 5;

/**
 * Walks over the fields of protobuf messages in a buffer, without copies:
 *
 *     while (wire.next()) {
 *       if (wire.field === 1) value = wire.double();
 *       else wire.skip();
 *     }
 *
 * Each field that `next` finds must be read or skipped. `enter` narrows the window to a message in a field, `leave` goes
 * back behind it. Whatever the bytes say: nothing outside of the window is read, nothing is allocated by a length that
 * they declare, and what is wrong throws a ProtobufError.
 */
export class WireReader {
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #field = 0;
  #fieldStart = 0;
  #wireType = 0;
  /** The varint that was read last, in two words. */
  #low = 0;
  #high = 0;

  /** Reads the bytes `from` … `to - 1`; `view` shows the same bytes. */
  open(bytes: Buffer, view: DataView, from: number, to: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = from;
    this.#end = to;
  }

  /** Where the next byte is. */
  get at(): number {
    return this.#at;
  }

  /** The number of the field at hand. */
  get field(): number {
    return this.#field;
  }

  /** Where the field at hand begins, its tag included. */
  get fieldStart(): number {
    return this.#fieldStart;
  }

  /** Goes to the next field of the message; false at its end. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.#fieldStart = this.#at;
    this.#readVarint();
    this.#field = (this.#low >>> 3) | (this.#high << 29);
    this.#wireType = this.#low & 7;
    if (this.#field <= 0) throw new ProtobufError(`invalid field number ${this.#field}`);
    return true;
  }

  /** Narrows the window to the message in this field, and returns what `leave` wants. */
  enter(): number {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  /** Goes behind the bytes of this field, and returns where they begin. */
  takeBytes(): number {
    const length = this.#length();
    const from = this.#at;
    this.#at += length;
    return from;
  }

  double(): number {
    this.#expect(fixed64);
    return this.#readDouble();
  }

  /** Adds the numbers of a repeated field, packed or not. */
  doubles(to: number[]): void {
    if (this.#wireType === fixed64) to.push(this.#readDouble());
    else this.#eachPacked(() => to.push(this.#readDouble()));
  }

  uint32s(to: number[]): void {
    if (this.#wireType === varint) to.push(this.#readUint32());
    else this.#eachPacked(() => to.push(this.#readUint32()));
  }

  sint64s(to: bigint[]): void {
    if (this.#wireType === varint) to.push(this.#readSint64());
    else this.#eachPacked(() => to.push(this.#readSint64()));
  }

  /** The low 32 bits, as Go takes them. */
  int32(): number {
    this.#expect(varint);
    this.#readVarint();
    return this.#low | 0;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  sint32(): number {
    const bits = this.uint32();
    return (bits >>> 1) ^ -(bits & 1);
  }

  int64AsNumber(): number {
    this.#expect(varint);
    this.#readVarint();
    return (this.#high | 0) * 2 ** 32 + (this.#low >>> 0);
  }

  uint64AsNumber(): number {
    this.#expect(varint);
    this.#readVarint();
    return (this.#high >>> 0) * 2 ** 32 + (this.#low >>> 0);
  }

  uint64(): bigint {
    this.#expect(varint);
    this.#readVarint();
    return this.#bits();
  }

  /** A varint that belongs to no field: the length in front of a message in a stream. It takes at most 5 bytes. */
  streamLength(): number {
    const from = this.#at;
    this.#readVarint();
    if (this.#at - from > 5) throw new ProtobufError("invalid message length");
    const length = (this.#high >>> 0) * 2 ** 32 + (this.#low >>> 0);
    return this.#checkLength(length);
  }

  skip(): void {
    let depth = 0;
    for (;;) {
      if (this.#wireType === startGroup) depth++;
      else if (this.#wireType === endGroup) depth--;
      else this.#skipValue();
      if (depth < 0) throw new ProtobufError("a group ends that has not begun");
      if (depth === 0) return;
      if (this.#at >= this.#end) throw endsTooEarly();
      this.#readVarint();
      this.#wireType = this.#low & 7;
    }
  }

  #skipValue(): void {
    if (this.#wireType === varint) this.#readVarint();
    else if (this.#wireType === fixed64) this.#at += this.#checkLength(8);
    else if (this.#wireType === delimited) this.takeBytes();
    else if (this.#wireType === fixed32) this.#at += this.#checkLength(4);
    else throw new ProtobufError(`invalid wire type ${this.#wireType}`);
  }

  #expect(wireType: number): void {
    if (this.#wireType === wireType) return;
    throw new ProtobufError(`field ${this.#field} has wire type ${this.#wireType} instead of ${wireType}`);
  }

  #length(): number {
    this.#expect(delimited);
    this.#readVarint();
    return this.#checkLength((this.#high >>> 0) * 2 ** 32 + (this.#low >>> 0));
  }

  #checkLength(length: number): number {
    if (length > this.#end - this.#at) throw endsTooEarly();
    return length;
  }

  /** A last number that is longer than the field is read to its end, as Go's generated code does. */
  #eachPacked(read: () => void): void {
    const end = this.#length() + this.#at;
    while (this.#at < end) read();
  }

  #readDouble(): number {
    const at = this.#at;
    this.#at += this.#checkLength(8);
    return this.#view.getFloat64(at, true);
  }

  #readUint32(): number {
    this.#readVarint();
    return this.#low >>> 0;
  }

  /** Zigzag: 0, -1, 1, -2, … */
  #readSint64(): bigint {
    this.#readVarint();
    if (this.#high === 0) return BigInt((this.#low >>> 1) ^ -(this.#low & 1));
    const bits = this.#bits();
    return (bits >> 1n) ^ -(bits & 1n);
  }

  #bits(): bigint {
    const low = BigInt(this.#low >>> 0);
    return this.#high === 0 ? low : (BigInt(this.#high >>> 0) << 32n) | low;
  }

  /** Bits beyond the 64th are lost; an eleventh byte is an error. */
  #readVarint(): void {
    const first = this.#at < this.#end ? this.#view.getUint8(this.#at) : 0x80;
    // Most are small: tags, lengths.
    if (first < 0x80) {
      this.#at++;
      this.#low = first;
      this.#high = 0;
    } else this.#readLongVarint();
  }

  #readLongVarint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      if (this.#at >= this.#end) throw endsTooEarly();
      const byte = this.#view.getUint8(this.#at++);
      const bits = byte & 0x7f;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      if (shift > 28) high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw new ProtobufError("a number of more than 64 bits");
  }

  /** The bytes, for those who have their place from `takeBytes`. */
  get bytes(): Buffer {
    return this.#bytes;
  }
}

function endsTooEarly(): ProtobufError {
  return new ProtobufError("the message ends too early");
}

export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
