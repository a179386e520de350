import fc from "fast-check";
import { expect, test } from "vitest";
import { HashIndex } from "../../src/lib/hash-index.ts";

function find(index: HashIndex, hashes: readonly number[], hash: number): number[] {
  const found: number[] = [];
  for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
    if (hashes[index.at(slot)] === hash) found.push(index.at(slot));
  }
  return found.sort((a, b) => a - b);
}

test("finds every number that was added with a hash, and no other, whenever it rests", () => {
  const hash = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 }));
  const rests = fc.array(fc.nat({ max: 200 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 200 }), hash, rests, (hashes, missing, rests) => {
      const index = new HashIndex((value) => hashes[value]!);
      for (const [value, hash] of hashes.entries()) {
        if (rests.includes(value)) index.rest();
        index.add(hash, value);
      }
      if (rests.includes(hashes.length)) index.rest();
      for (const hash of [...hashes, missing]) {
        expect(find(index, hashes, hash)).toEqual([...hashes.keys()].filter((value) => hashes[value] === hash));
      }
    }),
  );
});
