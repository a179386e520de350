import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareUtf8,
  equalLabels,
  formatLabels,
  labelRecord,
  labelsFrom,
  labelValue,
  mergeLabels,
} from "../../src/signals/labels.ts";

test("keeps labels sorted by the bytes of their names, and none that is empty", () => {
  expect(labelsFrom({ b: "2", a: "1", empty: "", A: "0" })).toEqual(["A", "0", "a", "1", "b", "2"]);
});

test("finds a value, and takes an absent label for an empty one", () => {
  const labels = labelsFrom({ job: "node", instance: "vm" });
  expect(labelValue(labels, "job")).toBe("node");
  expect(labelValue(labels, "node")).toBe("");
});

test("lets the upper set win when two are merged", () => {
  const f = (under: Record<string, string>, over: Record<string, string>, want: Record<string, string>) =>
    expect(labelRecord(mergeLabels(labelsFrom(under), labelsFrom(over)))).toEqual(want);
  f({ a: "1", b: "2" }, { b: "3", c: "4" }, { a: "1", b: "3", c: "4" });
  f({}, { a: "1" }, { a: "1" });
  f({ a: "1" }, {}, { a: "1" });
});

test("tells equal sets from others, and shows them as Prometheus does", () => {
  expect(equalLabels(labelsFrom({ a: "1", b: "2" }), labelsFrom({ b: "2", a: "1" }))).toBe(true);
  expect(equalLabels(labelsFrom({ a: "1" }), labelsFrom({ a: "2" }))).toBe(false);
  expect(equalLabels(labelsFrom({ a: "1" }), labelsFrom({ a: "1", b: "2" }))).toBe(false);
  expect(formatLabels(labelsFrom({ path: 'C:\\"x"', a: "1" }))).toBe('{a="1", path="C:\\\\\\"x\\""}');
});

test("orders strings as their UTF-8 bytes do, beyond the basic plane too", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
  expect(compareUtf8("\u{1f600}", "\uff5e")).toBeGreaterThan(0);
});
