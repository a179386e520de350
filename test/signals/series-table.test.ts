import { expect, test } from "vitest";
import { SeriesTable } from "../../src/signals/series-table.ts";

test("series keep their labels, however many texts there are", () => {
  const table = new SeriesTable();
  const labelsOf = (at: number) => ["__name__", "requests_total", "id", `i${at}`, "zone", `z${at % 7}`];
  const size = 70_000;
  for (let at = 0; at < size; at++) expect(table.add(labelsOf(at))).toBe(at);
  expect(table.size).toBe(size);
  for (const at of [0, 1, 42, 65_521, 65_522, 65_523, 65_530, 65_536, size - 1]) {
    expect(table.labels(at)).toEqual(labelsOf(at));
    expect(table.hasNumbers(at, table.numbers(labelsOf(at)))).toBe(true);
    expect(table.hasNumbers(at, table.numbers(labelsOf(at + 1)))).toBe(false);
    expect(table.hasNumbers(at, table.numbers(labelsOf(at).slice(0, 4)))).toBe(false);
  }
});
