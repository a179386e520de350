import fc from "fast-check";
import { Writer } from "protobufjs";
import { expect, test } from "vitest";
import { ProtobufError, viewOf, WireReader } from "../../src/lib/protobuf-reader.ts";

function open(bytes: Uint8Array): WireReader {
  const buffer = Buffer.from(bytes);
  const wire = new WireReader();
  wire.open(buffer, viewOf(buffer), 0, buffer.length);
  return wire;
}

/** Reads the one field that `write` writes behind its tag. */
function readField<Value>(
  wireType: number,
  write: (writer: Writer) => unknown,
  read: (wire: WireReader) => Value,
): Value {
  const writer = Writer.create().uint32((7 << 3) | wireType);
  write(writer);
  const wire = open(writer.finish());
  expect([wire.next(), wire.field]).toEqual([true, 7]);
  const value = read(wire);
  expect(wire.next()).toBe(false);
  return value;
}

const int64 = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -9n, max: 9n }));
const uint64 = int64.map((value) => BigInt.asUintN(64, value));

function check<Value>(
  value: fc.Arbitrary<Value>,
  wireType: number,
  write: (writer: Writer, value: Value) => unknown,
  read: (wire: WireReader) => unknown,
  expected: (value: Value) => unknown = (value) => value,
): void {
  fc.assert(
    fc.property(value, (value) => {
      expect(readField(wireType, (writer) => write(writer, value), read)).toEqual(expected(value));
    }),
  );
}

test("numbers are read as protobufjs writes them", () => {
  check(
    uint64,
    0,
    (writer, value) => writer.uint64(value.toString()),
    (wire) => wire.uint64(),
  );
  check(
    uint64,
    0,
    (writer, value) => writer.uint64(value.toString()),
    (wire) => wire.uint64AsNumber(),
    Number,
  );
  check(
    int64,
    0,
    (writer, value) => writer.int64(value.toString()),
    (wire) => wire.int64AsNumber(),
    Number,
  );
  check(
    fc.integer(),
    0,
    (writer, value) => writer.int32(value),
    (wire) => wire.int32(),
  );
  check(
    fc.integer(),
    0,
    (writer, value) => writer.sint32(value),
    (wire) => wire.sint32(),
  );
  check(
    fc.nat({ max: 2 ** 32 - 1 }),
    0,
    (writer, value) => writer.uint32(value),
    (wire) => wire.uint32(),
  );
  check(
    fc.double(),
    1,
    (writer, value) => writer.double(value),
    (wire) => wire.double(),
  );
});

test("repeated numbers are read packed and unpacked", () => {
  const doubles = (wire: WireReader) => {
    const values: number[] = [];
    wire.doubles(values);
    return values;
  };
  const sint64s = (wire: WireReader) => {
    const values: bigint[] = [];
    wire.sint64s(values);
    return values;
  };
  check(
    fc.double(),
    1,
    (writer, value) => writer.double(value),
    doubles,
    (value) => [value],
  );
  check(
    int64,
    0,
    (writer, value) => writer.sint64(value.toString()),
    sint64s,
    (value) => [value],
  );
  check(
    fc.array(fc.double()),
    2,
    (writer, values) => {
      writer.fork();
      for (const value of values) writer.double(value);
      writer.ldelim();
    },
    doubles,
  );
  check(
    fc.array(int64),
    2,
    (writer, values) => {
      writer.fork();
      for (const value of values) writer.sint64(value.toString());
      writer.ldelim();
    },
    sint64s,
  );
});

test("messages in messages have windows of their own", () => {
  const inner = Writer.create().uint32(8).uint32(5).finish();
  const wire = open(Writer.create().uint32(10).bytes(inner).uint32(16).uint32(6).finish());
  wire.next();
  const outer = wire.enter();
  expect([wire.next(), wire.uint32(), wire.next()]).toEqual([true, 5, false]);
  wire.leave(outer);
  expect([wire.next(), wire.field, wire.uint32(), wire.next()]).toEqual([true, 2, 6, false]);
});

test("what is no message is a ProtobufError", () => {
  const f = (bytes: number[], read: (wire: WireReader) => unknown, want: string) =>
    expect(() => {
      const wire = open(Uint8Array.from(bytes));
      while (wire.next()) read(wire);
    }, bytes.join()).toThrow(new ProtobufError(want));
  const skip = (wire: WireReader) => wire.skip();
  f([0x80], skip, "the message ends too early");
  f([0x08], skip, "the message ends too early");
  f([0x09, 1, 2, 3], skip, "the message ends too early");
  f([0x0d, 1, 2, 3], skip, "the message ends too early");
  f([0x0a, 2, 0], skip, "the message ends too early");
  f([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], skip, "the message ends too early");
  f([0x0b, 0x08, 1], skip, "the message ends too early");
  f([0x0c], skip, "a group ends that has not begun");
  f([0x0e], skip, "invalid wire type 6");
  f([0x00, 0], skip, "invalid field number 0");
  f([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], skip, "a number of more than 64 bits");
  f([0x08, 1], (wire) => wire.double(), "field 1 has wire type 0 instead of 1");
  f([0x09, 1, 2, 3, 4, 5, 6, 7, 8], (wire) => wire.enter(), "field 1 has wire type 1 instead of 2");
});

test("a stream's length takes at most five bytes, and no more than there is", () => {
  expect(open(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x00)).streamLength()).toBe(0);
  expect(() => open(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x00)).streamLength()).toThrow(
    "invalid message length",
  );
  expect(() => open(Uint8Array.of(2, 0)).streamLength()).toThrow("the message ends too early");
});

test("skipping any bytes ends, well or with an error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const wire = open(bytes);
      try {
        while (wire.next()) wire.skip();
      } catch (error) {
        expect(error).toBeInstanceOf(ProtobufError);
      }
    }),
  );
});
