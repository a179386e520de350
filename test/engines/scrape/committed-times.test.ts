import fc from "fast-check";
import { expect, test } from "vitest";
import { CommittedTimes } from "../../../src/engines/scrape/committed-times.ts";

const never = -(2 ** 63);
const dayMs = 86_400_000;

test("keeps the newest time of each series, however far apart they are", () => {
  const now = 1_700_000_000_000;
  const time = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: now, max: now + 20 * dayMs }) },
    { weight: 3, arbitrary: fc.integer({ min: now - 90 * dayMs, max: now + 90 * dayMs }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, 0.5, now + 0.25, 2 ** 60, -(2 ** 62)) },
  );
  const writes = fc.array(fc.record({ id: fc.nat({ max: 100 }), timestamp: time }), { maxLength: 60 });
  fc.assert(
    fc.property(writes, (writes) => {
      const times = new CommittedTimes();
      const expected = new Map<number, number>();
      let newest = never;
      for (const { id, timestamp } of writes) {
        const last = expected.get(id) ?? never;
        expect(times.isNewer(id, timestamp)).toBe(timestamp > last);
        times.set(id, timestamp);
        expected.set(id, Math.max(last, timestamp));
        newest = Math.max(newest, timestamp);
        expect(times.newest).toBe(newest);
      }
      for (let id = 0; id <= 100; id++) expect(times.last(id)).toBe(expected.get(id) ?? never);
    }),
  );
});

test("months of scrapes move along", () => {
  const times = new CommittedTimes();
  for (let day = 1; day <= 200; day++) {
    times.set(0, day * dayMs);
    times.set(day, day * dayMs);
  }
  expect([0, 1, 100, 200, 201].map((id) => times.last(id) / dayMs)).toEqual([200, 1, 100, 200, never / dayMs]);
});

test("keeps of a batch what its rows say one by one", () => {
  const now = 1_700_000_000_000;
  const timestamp = fc.constantFrom(now, now + 1, now + 15_000, now - 90 * dayMs, now + 0.5, 2 ** 60);
  const row = fc.record({ id: fc.nat({ max: 200 }), timestamp });
  const run = fc
    .tuple(fc.array(fc.nat({ max: 200 })), timestamp)
    .map(([ids, at]) => ids.map((id) => ({ id, timestamp: at })));
  fc.assert(
    fc.property(fc.array(fc.oneof(run, fc.array(row))), (batches) => {
      const [times, oneByOne] = [new CommittedTimes(), new CommittedTimes()];
      for (const rows of batches) {
        times.commit({
          ids: Uint32Array.from(rows, ({ id }) => id),
          timestamps: Float64Array.from(rows, ({ timestamp }) => timestamp),
          length: rows.length,
        });
        for (const { id, timestamp } of rows) oneByOne.set(id, timestamp);
        expect(times.newest).toBe(oneByOne.newest);
      }
      for (let id = 0; id <= 200; id++) expect(times.last(id)).toBe(oneByOne.last(id));
    }),
  );
});
