import fc from "fast-check";
import { expect, test } from "vitest";
import { EntryTable } from "../../../src/engines/scrape/entry-table.ts";
import { Staleness } from "../../../src/engines/scrape/staleness.ts";

/** More than the numbers that a byte has. */
const manyScrapes = 600;

test("what vanished is what the last scrape had and this one has not, over many scrapes", () => {
  const staleness = new Staleness();
  let last = new Set<number>();
  for (let scrape = 1; scrape <= manyScrapes; scrape++) {
    staleness.begin();
    // Series 0 is always there, 1 in the first scrapes only, the others now and then.
    const ids = [0, ...(scrape < 5 ? [1] : []), ...[2, 3, 4, 5].filter((id) => Math.floor(scrape / id) % 2 === 0)];
    for (const id of ids) {
      expect(staleness.wasTracked(id)).toBe(last.has(id));
      staleness.track(id);
    }
    expect(staleness.isTracked(1)).toBe(scrape < 5);
    expect(staleness.vanished()).toEqual([...last].filter((id) => !ids.includes(id)).sort());
    last = new Set(ids);
  }
});

test("an entry that was not in a scrape is unknown behind it, over many scrapes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: manyScrapes }), (gone) => {
      const entries = new EntryTable();
      for (let entry = 0; entry < 3; entry++) entries.learn(entry, entry);
      for (let scrape = 1; scrape <= gone; scrape++) {
        entries.begin();
        const present = scrape < gone ? [0, 1, 2] : [0, 2];
        for (const entry of present) entries.seen[entry] = entries.scrape;
        entries.forgetUnseen(present.length, 3);
      }
      expect([...entries.ids.subarray(0, 3)]).toEqual([0, -1, 2]);
    }),
  );
});
