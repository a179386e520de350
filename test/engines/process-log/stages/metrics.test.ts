import { expect, test } from "vitest";
import { labelRecord } from "../../../../src/signals/labels.ts";
import { type StagesUnderTest, stagesUnderTest } from "../../../support/stages.ts";

/** `name{a="1"}` to value. */
function page({ custom }: StagesUnderTest): Record<string, number> {
  const samples = custom.gather().flatMap((family) => family.samples);
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [`${name}${JSON.stringify(labelRecord(labels))}`, value]),
  );
}

function counted(metrics: object, ...values: readonly (string | undefined)[]): Record<string, number> {
  const stages = stagesUnderTest([{ metrics }]);
  stages.process(...values.map((v) => ({ line: "äb", extracted: v === undefined ? {} : { v } })));
  return page(stages);
}

const counter = { name: "c", prefix: "p_", source: "v" };

test.each([
  ["inc counts entries that have the value", { ...counter, action: "inc" }, 2],
  ["inc counts entries that have this value", { ...counter, action: "inc", value: "2" }, 1],
  ["add sums up values", { ...counter, action: "add" }, 4.5],
  ["match_all counts every entry", { ...counter, action: "inc", match_all: true }, 3],
  ["count_entry_bytes sums up lengths", { ...counter, action: "add", match_all: true, count_entry_bytes: true }, 9],
])("a counter: %s", (_, options, value) => {
  expect(counted({ counters: [options] }, "2", "2.5", undefined)).toEqual({ "p_c{}": value });
});

test("values are numbers, truth values and durations in seconds; others do not count", () => {
  expect(counted({ counters: [{ ...counter, action: "add" }] }, "1.5", "true", "500ms", "-1", "x", "")).toEqual({
    "p_c{}": 3,
  });
});

test("the source is the metric's name where none is named, and the prefix Alloy's", () => {
  expect(counted({ counters: [{ name: "v", action: "inc" }] }, "1")).toEqual({ "loki_process_custom_v{}": 1 });
});

test.each([
  ["set", 3],
  ["inc", 2],
  ["dec", -2],
  ["add", 8],
  ["sub", -8],
])("a gauge: %s", (action, value) => {
  expect(counted({ gauges: [{ ...counter, action }] }, "5", "3", "x", undefined)).toEqual(
    action === "inc" || action === "dec" ? { "p_c{}": Math.sign(value) * 3 } : { "p_c{}": value },
  );
});

test("a histogram counts into buckets", () => {
  expect(counted({ histograms: [{ ...counter, buckets: [1, 2.5] }] }, "0.5", "1", "2s", "9", "x")).toEqual({
    'p_c_bucket{"le":"1.0"}': 2,
    'p_c_bucket{"le":"2.5"}': 3,
    'p_c_bucket{"le":"+Inf"}': 4,
    "p_c_sum{}": 12.5,
    "p_c_count{}": 4,
  });
});

test("a series has the labels of the entry but those that begin with __", () => {
  const stages = stagesUnderTest([{ metrics: { counters: [{ ...counter, action: "inc" }] } }]);
  stages.process({ labels: { app: "a", __tenant_id__: "t" }, extracted: { v: "1" } });
  stages.process({ labels: { app: "b" }, extracted: { v: "1" } });
  expect(page(stages)).toEqual({ 'p_c{"app":"a"}': 1, 'p_c{"app":"b"}': 1 });
});

test("a series that has not changed for long is left out, and begins anew", async () => {
  const stages = stagesUnderTest([
    { metrics: { counters: [{ ...counter, action: "inc", max_idle_duration: "10s" }] } },
  ]);
  stages.process({ extracted: { v: "1" } });
  await stages.clock.advance(9_999);
  expect(page(stages)).toEqual({ "p_c{}": 1 });
  await stages.clock.advance(1);
  expect(page(stages)).toEqual({});
  stages.process({ extracted: { v: "1" } });
  expect(page(stages)).toEqual({ "p_c{}": 1 });
});
