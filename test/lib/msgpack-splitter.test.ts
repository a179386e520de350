import { Encoder, ExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MessagePackSplitter } from "../../src/lib/msgpack-splitter.ts";

const limits = { maxBytes: 1000, maxDepth: 10 };

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double(),
    fc.float(),
    fc.string({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.integer({ min: 0, max: 127 }), fc.uint8Array({ maxLength: 40 }))
      .map(([type, data]) => new ExtData(type, data)),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 20 }).map((map) => ({ ...map })),
  ),
}));

test("a stream is split into its values, however it is cut", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), cuts, (values, sizes) => {
      const encoded = values.map((each) => Buffer.from(new Encoder({ useBigInt64: true }).encode(each)));
      const stream = Buffer.concat(encoded);
      const splitter = new MessagePackSplitter({ maxBytes: 1_000_000, maxDepth: 10 });
      const got: Buffer[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length]!;
        const pieces = splitter.push(stream.subarray(at, at + size));
        expect(pieces.error).toBeUndefined();
        got.push(...pieces.values.map((each) => Buffer.from(each)));
        at += size;
      }
      expect(got).toEqual(encoded);
    }),
  );
});

test("values of every kind and size are passed over as a whole", () => {
  const f = (hex: string) => {
    const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex");
    const splitter = new MessagePackSplitter(limits);
    expect([hex, splitter.push(Buffer.concat([bytes, Buffer.of(0xc0)])).values.map((each) => each.length)]).toEqual([
      hex,
      [bytes.length, 1],
    ]);
  };
  for (const hex of ["00", "7f", "ff", "c0", "c2", "c3", "cc01", "cd0001", "ce00000001", "cf0000000000000001"]) f(hex);
  for (const hex of ["d001", "d10001", "d200000001", "d30000000000000001", "ca00000000", "cb0000000000000000"]) f(hex);
  for (const hex of ["a0", "a161", "d900", "d90161", "da000161", "db0000000161", "c40161", "c5000161", "c60000000161"])
    f(hex);
  for (const hex of ["d400aa", "d500aaaa", "d600aaaaaaaa", `d700${"aa".repeat(8)}`, `d800${"aa".repeat(16)}`]) f(hex);
  for (const hex of ["c70000", "c70100aa", "c8000100aa", "c90000000100aa"]) f(hex);
  for (const hex of [
    "90",
    "9101",
    "dc000101",
    "dd0000000101",
    "dc0000",
    "80",
    "810101",
    "de00010101",
    "df000000010101",
  ])
    f(hex);
  for (const hex of ["9190", "929080", "81a16192c0c2"]) f(hex);
});

test("what is too large or too deep is refused before it has come", () => {
  const f = (hex: string, want: string) => {
    const pieces = new MessagePackSplitter(limits).push(Buffer.from(`c0${hex}`, "hex"));
    expect(pieces).toEqual({ values: [Buffer.of(0xc0)], error: want });
  };
  const tooLarge = "a message is larger than 1000 bytes";
  f("c6000003e9", tooLarge);
  f("dbffffffff", tooLarge);
  f("c9ffffffff", tooLarge);
  f("ddffffffff", tooLarge);
  f("df000001f5", tooLarge);
  f("91".repeat(11), "a message has more than 10 levels of arrays and maps");
  f("c1", "it is no MessagePack: no value begins with the byte 0xc1");
  f(`dc03e7${"c0".repeat(999)}`, tooLarge);
});

test("arbitrary bytes never throw, and no value is longer than allowed", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const splitter = new MessagePackSplitter({ maxBytes: 20, maxDepth: 3 });
      for (const chunk of chunks) {
        const { values, error } = splitter.push(chunk);
        for (const each of values) expect(each.length).toBeLessThanOrEqual(20);
        if (error !== undefined) return;
      }
    }),
  );
});
