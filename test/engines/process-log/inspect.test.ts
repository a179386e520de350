import { expect, test } from "vitest";
import { logStages } from "../../../src/config/fields/log-stages/log-stages.ts";
import { mistakesInStage } from "../../../src/engines/process-log/check-stages.ts";
import { type NewEntry, newEntry } from "../../../src/engines/process-log/entry.ts";
import { Inspector, type StageReport } from "../../../src/engines/process-log/inspect.ts";
import { createStages } from "../../../src/engines/process-log/stages.ts";
import { CustomMetrics } from "../../../src/signals/custom-metrics.ts";

/** What stages report of entries that come one after the other, and of the end. */
function reports(configs: readonly unknown[], ...lines: readonly string[]): (readonly StageReport[])[] {
  const inspector = new Inspector();
  const surroundings = {
    clock: { now: () => 0, monotonic: () => 0, after: () => () => {} },
    random: () => 0,
    counts: { dropped() {}, droppedByLabel() {}, truncated() {}, criFlushed() {}, criTruncated() {} },
    custom: new CustomMetrics(() => 0),
    hold() {},
    letGo() {},
    readFile: undefined,
  };
  const stages = createStages(logStages(mistakesInStage).parse(configs), surroundings, { watch: inspector.watch });
  const given = lines.map((line): NewEntry => ({ timestamp: 0n, line, labels: ["app", "a"] }));
  const each = given.map((entry) => {
    stages.process([newEntry(entry)]);
    return inspector.take();
  });
  stages.release?.(Number.POSITIVE_INFINITY);
  return [...each, inspector.take()];
}

test("a stage that changes nothing is left out, and the stages within match are named by their path", () => {
  const match = { selector: '{app="a"}', stages: [{ docker: {} }, { static_labels: { values: { b: "1" } } }] };
  expect(reports([{ decolorize: {} }, { match }], "x")).toEqual([
    [{ stage: "[1].match.stages[1].static_labels", passed: [[{ what: "label b", after: "1" }]], dropped: 0, held: 0 }],
    [],
  ]);
});

test("what is new, other or gone is told apart", () => {
  const stages = [{ label_drop: { values: ["app"] } }, { regex: { expression: "(?P<app>.)" } }];
  expect(reports(stages, "x")[0]).toEqual([
    { stage: "[0].label_drop", passed: [[{ what: "label app", before: "a" }]], dropped: 0, held: 0 },
    { stage: "[1].regex", passed: [[{ what: "extracted app", before: "a", after: "x" }]], dropped: 0, held: 0 },
  ]);
});

test("a dropped entry, one that is held back, and one that becomes several", () => {
  expect(reports([{ drop: { expression: "x" } }], "x")[0]).toEqual([
    { stage: "[0].drop", passed: [], dropped: 1, held: 0 },
  ]);
  const [first, second, end] = reports([{ multiline: { firstline: "^\\S" } }], "x", " y");
  const held = [{ stage: "[0].multiline", passed: [], dropped: 0, held: 1 }];
  expect([first, second]).toEqual([held, held]);
  expect(end).toMatchObject([{ passed: [[{ what: "line", before: "x", after: "x\n y" }]] }]);
  const [split] = reports([{ split_json: {} }], "[1,2]");
  expect(split?.[0]?.passed.map((changes) => changes.find(({ what }) => what === "line")?.after)).toEqual(["1", "2"]);
});
