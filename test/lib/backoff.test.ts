import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff } from "../../src/lib/backoff.ts";

test("doubles up to the maximum, and begins anew after a success", () => {
  const backoff = new Backoff({ minMs: 30, maxMs: 200, random: () => 0 });
  expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([30, 60, 120, 200, 200]);
  backoff.reset();
  expect(backoff.next()).toBe(30);
});

test("never shrinks and never passes the maximum, whatever the jitter draws", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 2, maxLength: 20 }), (draws) => {
      let at = 0;
      const backoff = new Backoff({ minMs: 100, maxMs: 5000, jitter: 0.1, random: () => draws[at++] ?? 0 });
      const delays = draws.map(() => backoff.next());
      expect(delays).toEqual(delays.toSorted((a, b) => a - b));
      expect(Math.max(...delays)).toBeLessThanOrEqual(5000);
      expect(delays[0]).toBeGreaterThanOrEqual(90);
    }),
  );
});
