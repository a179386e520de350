import { expect, test } from "vitest";
import { Uses } from "../../../../src/engines/discovery/kubernetes/uses.ts";

test("what is not used any more is forgotten", () => {
  const uses = new Uses();
  uses.add("endpoints a", "pod 1");
  uses.add("endpoints b", "pod 1");
  uses.add("endpoints a", "pod 2");
  expect(uses.usersOf("pod 1")).toEqual(["endpoints a", "endpoints b"]);
  expect(uses.usersOf("pod 3")).toEqual([]);
  uses.forget("endpoints a");
  expect([uses.usersOf("pod 1"), uses.usersOf("pod 2")]).toEqual([["endpoints b"], []]);
  uses.forget("endpoints b");
  expect(uses.size).toBe(0);
});
