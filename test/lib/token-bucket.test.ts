import { expect, test } from "vitest";
import { TokenBucket } from "../../src/lib/token-bucket.ts";
import { FakeClock } from "../support/fake-clock.ts";

test("a burst is allowed, then one per interval", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, intervalMs: 100, burst: 2 });
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  await clock.advance(99);
  expect(bucket.hasToken()).toBe(false);
  await clock.advance(1);
  expect([bucket.hasToken(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});

test("a long pause allows one burst, not more", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, intervalMs: 1, burst: 1 });
  await clock.advance(1000);
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
});

test("a burst of nothing lets nothing through", async () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket({ clock, intervalMs: 1, burst: 0 });
  await clock.advance(1000);
  expect(bucket.take()).toBe(false);
});
