import fc from "fast-check";
import { expect, test } from "vitest";
import { hashKey } from "../../../src/formats/exposition/key-hash.ts";

const lanes = new Int32Array(2);

function hashOf(bytes: Uint8Array, start = 0, end = bytes.length): [number, number] {
  const room = new Uint8Array(bytes.length + 3);
  room.set(bytes);
  hashKey(new DataView(room.buffer), start, end, lanes);
  return [lanes[0]!, lanes[1]!];
}

test("depends on the bytes between start and end, and on no others", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (before, text, behind) => {
      const whole = Buffer.concat([before, text, behind]);
      expect(hashOf(whole, before.length, before.length + text.length)).toEqual(hashOf(text));
    }),
  );
});

// Two of 260,000 numbers of 32 bits meet 7.9 times by chance. Texts that are alike must not meet much more often in either
// lane, and then never in both.
test.each([
  { name: "a number that counts up", textOf: (at: number) => `m{code="200",id="${String(at).padStart(8, "0")}"}` },
  { name: "two labels that change together", textOf: (at: number) => `m{a="${at % 510}",b="${Math.floor(at / 510)}"}` },
  { name: "the name and a label", textOf: (at: number) => `m${at}_x{a="${at ^ 0x5555}"}` },
  { name: "letters that are all alike", textOf: (at: number) => `x{a="${at.toString(2).padStart(18, "0")}"}` },
])("tells similar texts apart in either lane: $name", ({ textOf }) => {
  const count = 260_000;
  const [low, high] = [new Set<number>(), new Set<number>()];
  for (let at = 0; at < count; at++) {
    const [first, second] = hashOf(Buffer.from(textOf(at)));
    low.add(first);
    high.add(second);
  }
  expect(count - low.size).toBeLessThan(25);
  expect(count - high.size).toBeLessThan(25);
});
