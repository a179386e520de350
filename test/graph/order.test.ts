import fc from "fast-check";
import { expect, test } from "vitest";
import { stopStages, topologicalOrder } from "../../src/graph/order.ts";

function order(edges: Record<string, string[]>) {
  return topologicalOrder(Object.keys(edges), (id) => edges[id] ?? []);
}

test("puts every sender before its receivers and keeps the written order among equals", () => {
  const f = (edges: Record<string, string[]>, want: string[]) => expect(order(edges)).toEqual({ ok: true, ids: want });
  f({}, []);
  f({ a: [] }, ["a"]);
  f({ sink: [], source: ["sink"] }, ["source", "sink"]);
  f({ a: [], b: [], c: [] }, ["a", "b", "c"]);
  f({ scrape: ["relabel"], write: [], relabel: ["write"], host: ["scrape"] }, ["host", "scrape", "relabel", "write"]);
});

test("shows a cycle as a path that ends where it began", () => {
  const f = (edges: Record<string, string[]>, want: string[]) =>
    expect(order(edges)).toEqual({ ok: false, cycle: want });
  f({ a: ["a"] }, ["a", "a"]);
  f({ a: ["b"], b: ["a"] }, ["b", "a", "b"]);
  f({ start: ["a"], a: ["b"], b: ["c"], c: ["a"], end: [] }, ["c", "a", "b", "c"]);
});

test("orders any graph without a cycle", () => {
  const graph = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 60 });
  fc.assert(
    fc.property(graph, (pairs) => {
      const forward = pairs.filter(([from, to]) => from < to);
      const ids = Array.from({ length: 20 }, (_, id) => String(id)).reverse();
      const receivers = (id: string) => forward.filter(([from]) => String(from) === id).map(([, to]) => String(to));
      const result = topologicalOrder(ids, receivers);
      if (!result.ok) throw new Error("found a cycle where there is none");
      expect(result.ids.toSorted()).toEqual(ids.toSorted());
      const at = new Map(result.ids.map((id, index) => [id, index]));
      for (const [from, to] of forward) expect(at.get(String(from))).toBeLessThan(at.get(String(to)) ?? -1);
    }),
  );
});

test("stops sources first, sinks last, and what is independent at once", () => {
  const edges: Record<string, string[]> = {
    host: ["scrape"],
    scrape: ["write", "echo"],
    write: [],
    echo: [],
    idle: [],
  };
  expect(stopStages(Object.keys(edges), (id) => edges[id] ?? [])).toEqual([
    ["host"],
    ["scrape"],
    ["write", "echo", "idle"],
  ]);
});
