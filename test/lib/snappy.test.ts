import fc from "fast-check";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { SnappyEncoder } from "../../src/lib/snappy.ts";

const encoder = new SnappyEncoder();

function roundTrip(input: Uint8Array): Uint8Array {
  return uncompress(encoder.compress(input));
}

test("any bytes come back from the reference decoder", () => {
  fc.assert(
    fc.property(fc.uint8Array({ size: "max", maxLength: 5000 }), (input) => {
      expect(roundTrip(input)).toEqual(input);
    }),
  );
});

test("repetitive bytes come back, over fragments and in matches of any length", () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 200 });
  const repeated = fc.tuple(piece, fc.integer({ min: 1, max: 800 })).map(([bytes, times]) => {
    return Buffer.concat(Array.from({ length: times }, () => bytes));
  });
  fc.assert(
    fc.property(fc.array(repeated, { maxLength: 5 }), (parts) => {
      const input = new Uint8Array(Buffer.concat(parts));
      expect(Buffer.compare(roundTrip(input), input)).toBe(0);
    }),
  );
});

test("a match comes back from any distance", () => {
  const word = Uint8Array.of(1, 2, 3, 4, 5, 6);
  for (const distance of [6, 63, 64, 2047, 2048, 2049, 65_535]) {
    const input = new Uint8Array(distance + 40);
    for (let at = 0; at < input.length; at++) input[at] = (Math.imul(at, 2_654_435_761) >>> 13) & 255;
    input.set(word, 0);
    input.set(word, distance);
    expect([distance, Buffer.compare(roundTrip(input), input)]).toEqual([distance, 0]);
  }
});

test("a block does not change when the next one is made", () => {
  const first = encoder.compress(new Uint8Array(100).fill(1));
  const copy = first.slice();
  encoder.compress(new Uint8Array(100).fill(2));
  expect(first).toEqual(copy);
});

test("what repeats becomes small", () => {
  const text = Buffer.from('http_requests_total{job="api",instance="localhost:8080",code="200"}\n'.repeat(2000));
  expect(encoder.compress(text).length).toBeLessThan(text.length / 20);
});

test("what does not repeat grows by little", () => {
  let state = 1;
  const noise = Uint8Array.from({ length: 200_000 }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 24;
  });
  expect(roundTrip(noise)).toEqual(noise);
  expect(encoder.compress(noise).length).toBeLessThan(200_100);
});
