import fc from "fast-check";
import { compress, uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { BodyTooLargeError } from "../../src/lib/http-message.ts";
import { SnappyEncoder } from "../../src/lib/snappy.ts";
import { decompress, SnappyError } from "../../src/lib/snappy-decode.ts";

const limit = 1 << 20;
const piece = fc.uint8Array({ minLength: 1, maxLength: 200 });
const repeated = fc.tuple(piece, fc.integer({ min: 1, max: 400 })).map(([bytes, times]) => {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
});
const content = fc.array(repeated, { maxLength: 5 }).map((parts) => new Uint8Array(Buffer.concat(parts)));

test("what two encoders have compressed comes back", () => {
  const encoder = new SnappyEncoder();
  fc.assert(
    fc.property(content, (input) => {
      expect(Buffer.compare(decompress(compress(input), limit), input)).toBe(0);
      expect(Buffer.compare(decompress(encoder.compress(input), limit), input)).toBe(0);
    }),
  );
});

test("elements of all kinds decode as the reference decoder has them, and what it refuses is refused", () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const literal = fc.integer({ min: 1, max: 70 }).chain((length) => {
    const head = length <= 60 ? [(length - 1) << 2] : [60 << 2, length - 1];
    return bytes(length).map((text) => [...head, ...text]);
  });
  const copy = fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 40 }))
      .map(([tag, at]) => [((tag & 7) << 2) | 1, at]),
    fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 90 }))
      .map(([tag, at]) => [(tag << 2) | 2, at, 0]),
    fc
      .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 90 }))
      .map(([tag, at]) => [(tag << 2) | 3, at, 0, 0, 0]),
  );
  const elements = fc.array(fc.oneof(literal, copy), { maxLength: 12 }).map((all) => all.flat());
  let decoded = 0;
  fc.assert(
    fc.property(elements, fc.integer({ min: 0, max: 600 }), (body, length) => {
      const block = Uint8Array.from([(length & 127) | 128, length >> 7, ...body]);
      const ours = attempt(() => decompress(block, limit));
      const theirs = attempt(() => uncompress(block));
      if (ours === undefined) return;
      decoded++;
      expect(theirs === undefined ? -1 : Buffer.compare(ours, theirs)).toBe(0);
    }),
    { numRuns: 3000, examples: [[[4 << 2, 1, 2, 3, 4, 5, (2 << 2) | 1, 2], 11]] },
  );
  expect(decoded).toBeGreaterThan(0);
});

function attempt(decode: () => Uint8Array): Uint8Array | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

test("a block that is cut off anywhere is refused", () => {
  const block = new SnappyEncoder().compress(
    Buffer.from(`${"abcdefgh".repeat(40)}the end, which is long enough for a literal`),
  );
  for (let length = 0; length < block.length; length++) {
    expect(() => decompress(block.subarray(0, length), limit), `${length} bytes`).toThrow(SnappyError);
  }
  expect(decompress(block, limit)).toHaveLength(363);
});

test("bytes of any kind decode within the limit or throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (block) => {
      try {
        expect(decompress(block, 1000).length).toBeLessThanOrEqual(1000);
      } catch (error) {
        expect(error instanceof SnappyError || error instanceof BodyTooLargeError).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("what is wrong is said", () => {
  const f = (block: number[], want: string) => expect(() => decompress(Uint8Array.from(block), limit)).toThrow(want);
  f([], "it does not begin with a length");
  f([0xff, 0xff, 0xff, 0xff, 0xff, 0], "it does not begin with a length");
  f([0xff, 0xff, 0xff, 0xff, 0x0f, 0], "4294967295 bytes when decompressed; the limit is 1048576");
  f([0x80, 0x80, 0x40, 0, 1], "it cannot hold the 1048576 bytes it claims");
  f([1, 0], "it ends in the middle of an element");
  f([2, 0, 65], "it holds 1 bytes and claims 2");
  f([1, 1 << 2, 65, 66], "it holds more than the 1 bytes it claims");
  f([5, 0, 65, 1, 0], "a copy begins where nothing is");
  f([5, 0, 65, 1, 2], "a copy begins where nothing is");
});

test("the most that a block can hold is not taken for a lie", () => {
  const block = new SnappyEncoder().compress(new Uint8Array(1 << 20));
  expect(decompress(block, limit)).toHaveLength(1 << 20);
});
