import { expect, test } from "vitest";
import { nameFilter } from "../../src/lib/name-filter.ts";

test("a name must match include and must not match exclude", () => {
  const f = (include: RegExp | undefined, exclude: RegExp | undefined, want: string[]) =>
    expect(["eth0", "eth1", "lo"].filter(nameFilter(include, exclude))).toEqual(want);

  f(undefined, undefined, ["eth0", "eth1", "lo"]);
  f(/eth/, undefined, ["eth0", "eth1"]);
  f(undefined, /0$/, ["eth1", "lo"]);
  f(/eth/, /0$/, ["eth1"]);
});

test("a pattern sees each name once, and again only after many others", () => {
  const seen: string[] = [];
  const filter = nameFilter({ test: (name) => seen.push(name) > 0 }, undefined);
  expect([filter("a"), filter("a"), filter("b"), filter("a")]).toEqual([true, true, true, true]);
  expect(seen).toEqual(["a", "b"]);
  for (let n = 0; n < 5000; n++) filter(`veth${n}`);
  filter("a");
  expect(seen.filter((name) => name === "a")).toHaveLength(2);
});
