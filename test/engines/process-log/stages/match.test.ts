import { expect, test } from "vitest";
import { stagesUnderTest } from "../../../support/stages.ts";

const entries = [
  { line: "a error", labels: { app: "a" } },
  { line: "b", labels: { app: "b" } },
  { line: "a 2", labels: { app: "a" } },
];

test("match takes entries that match through its stages, and the others keep their places among them", () => {
  const stages = stagesUnderTest([
    {
      match: {
        selector: '{app="a"}',
        stages: [{ static_labels: { values: { seen: "yes" } } }, { drop: { expression: "2" } }],
      },
    },
  ]);
  const passed = stages.process(...entries, { line: "a 3", labels: { app: "a" } });
  expect(passed.map(({ line, labels }) => [line, labels.seen])).toEqual([
    ["a error", "yes"],
    ["b", undefined],
    ["a 3", "yes"],
  ]);
});

test("match looks at the line, too", () => {
  const stages = stagesUnderTest([{ match: { selector: '{app="a"} |= "error"', action: "drop" } }]);
  expect(stages.process(...entries).map(({ line }) => line)).toEqual(["b", "a 2"]);
  expect(stages.counts).toEqual({ "dropped match_stage": 1 });
});

test("match counts what it drops under the reason that it is given", () => {
  const stages = stagesUnderTest([
    { match: { selector: '{app=~".+"}', action: "drop", drop_counter_reason: "noise" } },
  ]);
  expect(stages.process(...entries)).toEqual([]);
  expect(stages.counts).toEqual({ "dropped noise": 3 });
});

test("stages within match hold lines back, and let them go when their time comes", async () => {
  const inner = [
    { match: { selector: '{app="a"}', stages: [{ multiline: { firstline: "^\\S", max_wait_time: "1s" } }] } },
  ];
  const stages = stagesUnderTest([{ match: { selector: '{app=~"a|b"}', stages: inner } }]);
  expect(stages.process(...entries).map(({ line }) => line)).toEqual(["b", "a error"]);
  expect(stages.due()).toBe(1000);
  await stages.clock.advance(1000);
  expect(stages.release().map(({ line }) => line)).toEqual(["a 2"]);
});
