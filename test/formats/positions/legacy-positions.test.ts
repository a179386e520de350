import { expect, test } from "vitest";
import { legacyCursor, legacyOffsets } from "../../../src/formats/positions/legacy-positions.ts";

test("promtail's positions are numbers by path; cursors of journals are none", () => {
  const text = 'positions:\n  /var/log/a.log: "4711"\n  "/var/log/b c.log": 12\n  cursor-journal: "s=abc;i=1"\n';
  expect([...legacyOffsets(text)]).toEqual([
    ["/var/log/a.log", 4711],
    ["/var/log/b c.log", 12],
  ]);
  expect([...legacyOffsets("positions:\n")]).toEqual([]);
});

test("Alloy's positions are numbers by path and labels", () => {
  const text = `positions:
    ? path: /var/log/a.log
      labels: '{job="varlogs"}'
    : "4711"
    ? path: '/var/log/b: c.log'
      labels: '{}'
    : "12"
`;
  expect([...legacyOffsets(text)]).toEqual([
    ["/var/log/a.log", 4711],
    ["/var/log/b: c.log", 12],
  ]);
});

test("another text is none", () => {
  expect(() => legacyOffsets("journal: 1\n")).toThrow("there is no map `positions` in it");
});

test.each([
  ["promtail's job", 'positions:\n  /a.log: "1"\n  cursor-journal: s=abc;i=1;b=2\n', "journal", "s=abc;i=1;b=2"],
  ["a job without a journal", "positions:\n  cursor-journal: s=abc;i=1\n", "other", undefined],
  [
    "Alloy's component",
    'positions:\n    ? path: cursor-loki.source.journal.read\n      labels: ""\n    : s=abc;i=1;b=2\n',
    "loki.source.journal.read",
    "s=abc;i=1;b=2",
  ],
])("the cursor of %s is found by its name", (_, text, name, cursor) => {
  expect(legacyCursor(text, name)).toBe(cursor);
});
