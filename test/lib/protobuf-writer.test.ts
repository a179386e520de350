import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { WireWriter } from "../../src/lib/protobuf-writer.ts";

const message = protobuf
  .parse(`
  syntax = "proto3";
  message All {
    double d = 1; uint64 u = 2; int64 i = 3; sint32 s = 4; string t = 5; All nested = 100; repeated sint64 p = 6;
    repeated double q = 7;
  }
`)
  .root.lookupType("All");

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const fields = fc.record({
  d: fc.double().map((value) => (Object.is(value, -0) ? 0 : value)),
  u: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  i: fc.maxSafeInteger(),
  s: fc.integer(),
  t: fc.string({ unit: "grapheme" }),
  p: fc.array(int64),
  q: fc.array(fc.double()),
});

function write(
  writer: WireWriter,
  { d, u, i, s, t, p, q }: typeof fields extends fc.Arbitrary<infer Value> ? Value : never,
): void {
  writer.double(1, d);
  writer.uint64(2, u);
  writer.int64(3, i);
  writer.sint32(4, s);
  writer.text(5, t);
  writer.packedSint64(6, p);
  writer.packedDouble(7, q);
}

test("a message decodes to what was written", () => {
  fc.assert(
    fc.property(fields, fields, (outer, inner) => {
      const writer = new WireWriter();
      write(writer, outer);
      writer.message(100, (nested) => write(nested, inner));
      const shown = ({ u, i, p, ...others }: typeof outer) => ({
        ...others,
        u: String(u),
        i: String(i),
        p: p.map(String),
      });
      const decoded = message.toObject(message.decode(writer.finish()), { longs: String, defaults: true });
      expect(decoded).toEqual({ ...shown(outer), nested: { ...shown(inner), nested: null } });
    }),
  );
});

test("what is zero or empty takes no bytes, unless it must be there", () => {
  const writer = new WireWriter();
  write(writer, { d: 0, u: 0n, i: 0, s: 0, t: "", p: [], q: [] });
  expect(writer.finish().length).toBe(0);
  writer.presentUint64(1, 0n);
  writer.presentDouble(2, 0);
  writer.message(3, () => {});
  expect([...writer.finish()]).toEqual([0x08, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0]);
});

test("every NaN has the same bits", () => {
  const [stale = 0] = new Float64Array(BigUint64Array.of(0x7ff0_0000_0000_0002n).buffer);
  const writer = new WireWriter();
  writer.double(1, stale);
  expect(writer.finish().readBigUInt64LE(1)).toBe(0x7ff8_0000_0000_0001n);
});
