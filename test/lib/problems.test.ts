import { expect, test } from "vitest";
import { Problems } from "../../src/lib/problems.ts";

test("the problems of all parts are one reason, and none when the last one is gone", () => {
  const told: (string | undefined)[] = [];
  const problems = new Problems((reason) => told.push(reason));
  problems.note("a", undefined);
  problems.note("a", "a is taken");
  problems.note("b", "b is taken");
  problems.note("a", "a is forbidden");
  problems.note("a", undefined);
  problems.note("b", undefined);
  expect(told).toEqual([
    undefined,
    "a is taken",
    "a is taken; b is taken",
    "a is forbidden; b is taken",
    "b is taken",
    undefined,
  ]);
});
