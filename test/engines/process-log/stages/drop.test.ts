import { expect, test } from "vitest";
import { stagesUnderTest } from "../../../support/stages.ts";

test.each([
  ["the line matches", { expression: "debug" }, { line: "a debug line" }, true],
  ["the line does not match", { expression: "debug" }, { line: "an info line" }, false],
  ["the source is there", { source: "app" }, { extracted: { app: "" } }, true],
  ["the source is not there", { source: "app" }, {}, false],
  ["one of the sources is not there", { source: "app,env" }, { extracted: { app: "a" } }, false],
  ["the source is the value", { source: "app", value: "a.b" }, { extracted: { app: "a.b" } }, true],
  ["the source is not exactly the value", { source: "app", value: "a.b" }, { extracted: { app: "axb" } }, false],
  ["a label is the value", { source: "app", value: "x" }, { labels: { app: "x" } }, true],
  ["sources joined match", { source: "a,b", expression: "^1;2$" }, { extracted: { a: "1", b: "2" } }, true],
  [
    "sources joined by the separator match",
    { source: "a,b", separator: "#", value: "1#2" },
    { extracted: { a: "1", b: "2" } },
    true,
  ],
  ["it is longer", { longer_than: "4B" }, { line: "äöü" }, true],
  ["it is just as long", { longer_than: "6B" }, { line: "äöü" }, false],
  ["it is older", { older_than: "1h" }, { time: "2025-12-31T22:59:59.999999999Z" }, true],
  ["it is just as old", { older_than: "1h" }, { time: "2025-12-31T23:00:00Z" }, false],
  ["all options hold", { longer_than: "3B", expression: "b" }, { line: "abcd" }, true],
  ["one option does not hold", { longer_than: "3B", expression: "x" }, { line: "abcd" }, false],
])("drop: %s", (_, options, entry, isDropped) => {
  const stages = stagesUnderTest([{ drop: options }]);
  expect(stages.process(entry).length).toBe(isDropped ? 0 : 1);
  expect(stages.counts).toEqual(isDropped ? { "dropped drop_stage": 1 } : {});
});

test("drop counts under the reason that it is given", () => {
  const stages = stagesUnderTest([{ drop: { expression: "x", drop_counter_reason: "too x" } }]);
  stages.process("x", "y", "x");
  expect(stages.counts).toEqual({ "dropped too x": 2 });
});
