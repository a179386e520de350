import { expect, test } from "vitest";
import { stagesUnderTest } from "../../../support/stages.ts";

test("limit drops what is beyond the rate and counts it", async () => {
  const stages = stagesUnderTest([{ limit: { rate: 1, burst: 2, drop: true } }]);
  expect(stages.process("1", "2", "3").map(({ line }) => line)).toEqual(["1", "2"]);
  await stages.clock.advance(1000);
  expect(stages.process("4", "5").map(({ line }) => line)).toEqual(["4"]);
  expect(stages.counts).toEqual({ "dropped ratelimit_drop_stage": 2 });
});

test("limit lets what is beyond the rate wait, in its order", async () => {
  const stages = stagesUnderTest([{ limit: { rate: 2, burst: 1 } }]);
  expect(stages.process("1", "2", "3").map(({ line }) => line)).toEqual(["1"]);
  expect(stages.process("4")).toEqual([]);
  expect(stages.due()).toBe(500);
  await stages.clock.advance(500);
  expect(stages.release().map(({ line }) => line)).toEqual(["2"]);
  expect(stages.due()).toBe(1000);
  expect(stages.release("end").map(({ line }) => line)).toEqual(["3", "4"]);
  expect(stages.due()).toBeUndefined();
  expect(stages.counts).toEqual({});
});

test("limit gives each value of a label a rate of its own, and no rate to entries without the label", () => {
  const stages = stagesUnderTest([{ limit: { rate: 1, burst: 1, drop: true, by_label_name: "ns" } }]);
  const entry = (ns: string) => ({ line: ns, labels: ns === "" ? {} : { ns } });
  const passed = stages.process(...["a", "a", "b", "", "", "b"].map(entry)).map(({ line }) => line);
  expect(passed).toEqual(["a", "b", "", ""]);
  expect(stages.counts).toEqual({ "dropped ratelimit_drop_stage": 2, "dropped ns=a": 1, "dropped ns=b": 1 });
});

test("limit forgets the rates of values that have not come for long", () => {
  const stages = stagesUnderTest([
    { limit: { rate: 1, burst: 1, drop: true, by_label_name: "ns", max_distinct_labels: 2 } },
  ]);
  const pass = (ns: string) => stages.process({ labels: { ns } }).length;
  expect([pass("a"), pass("a")]).toEqual([1, 0]);
  for (const ns of ["b", "c", "d", "e"]) pass(ns);
  expect(pass("a")).toBe(1);
});

test("sampling keeps the part of the lines that it is told, and counts the others", () => {
  const numbers = [0, 0.24, 0.25, 0.99];
  const stages = stagesUnderTest([{ sampling: { rate: 0.25 } }], { random: () => numbers.shift() ?? 0 });
  expect(stages.process("1", "2", "3", "4").map(({ line }) => line)).toEqual(["1", "2"]);
  expect(stages.counts).toEqual({ "dropped sampling_stage": 2 });
});
