import fc from "fast-check";
import { expect, test } from "vitest";
import { Ownership } from "../../../src/engines/cluster/ownership.ts";

const identities = Array.from({ length: 3_000 }, (_, n) => `http://host-${n}:9100/metrics`);
const owners = (members: string[]) => identities.map((identity) => new Ownership(members, "").ownerOf(identity));

test("each target has one owner, and the shares are about equal", () => {
  const counts = new Map<string | undefined, number>();
  for (const owner of owners(["a", "b", "c"])) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  expect([...counts.keys()].sort()).toEqual(["a", "b", "c"]);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("members agree whatever the order of their lists, and only the share of who comes or goes moves", () => {
  const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(members, fc.array(fc.string(), { maxLength: 20 }), (list, targets) => {
      const gone = list[0] ?? "";
      const all = new Ownership(list, gone);
      const turned = new Ownership([...list, ...list].reverse(), gone);
      const rest = new Ownership(list.slice(1), gone);
      for (const target of targets) {
        expect(turned.ownerOf(target)).toBe(all.ownerOf(target));
        expect(all.isOurs(target)).toBe(all.ownerOf(target) === gone);
        if (!all.isOurs(target)) expect(rest.ownerOf(target)).toBe(all.ownerOf(target));
      }
    }),
  );
  const [three, four] = [owners(["a", "b", "c"]), owners(["a", "b", "c", "d"])];
  const moved = three.filter((owner, at) => owner !== four[at]).length;
  expect(Math.abs(moved - 750)).toBeLessThan(150);
});
