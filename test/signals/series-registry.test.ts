import { expect, test } from "vitest";
import { Interner } from "../../src/signals/interner.ts";
import { SeriesRegistry } from "../../src/signals/series-registry.ts";

const labelsOf = (at: number) => ["__name__", `m${at % 5}`, "id", `i${at % 3}`, "zone", `z${at}`];

test("labels have one id, also after a rest", () => {
  const registry = new SeriesRegistry(new Interner());
  const ids = Array.from({ length: 50 }, (_, at) => registry.id(labelsOf(at)));
  expect(ids).toEqual([...ids.keys()]);
  registry.rest();
  expect(registry.table.labels(7)).toEqual(labelsOf(7));
  expect(registry.id(labelsOf(30))).toBe(30);
  registry.rest();
  expect(registry.id(labelsOf(50))).toBe(50);
  expect(ids.map((id) => registry.id(labelsOf(id)))).toEqual(ids);
  expect(registry.table.size).toBe(51);
});

test("labels that share texts are told apart", () => {
  const registry = new SeriesRegistry(new Interner());
  const sets = [["a", "b"], ["b", "a"], ["a", "b", "c", "d"], ["a", "d", "c", "b"], []];
  expect(sets.map((labels) => registry.id(labels))).toEqual([0, 1, 2, 3, 4]);
  expect(sets.map((labels) => registry.id(labels))).toEqual([0, 1, 2, 3, 4]);
});
