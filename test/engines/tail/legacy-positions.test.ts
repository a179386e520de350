import { expect, test } from "vitest";
import { parseLegacyPositions } from "../../../src/engines/tail/legacy-positions.ts";

test("promtail's positions are numbers by path; cursors of journals are none", () => {
  const text = 'positions:\n  /var/log/a.log: "4711"\n  "/var/log/b c.log": 12\n  cursor-journal: "s=abc;i=1"\n';
  expect([...parseLegacyPositions(text)]).toEqual([
    ["/var/log/a.log", 4711],
    ["/var/log/b c.log", 12],
  ]);
  expect([...parseLegacyPositions("positions:\n")]).toEqual([]);
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
  expect([...parseLegacyPositions(text)]).toEqual([
    ["/var/log/a.log", 4711],
    ["/var/log/b: c.log", 12],
  ]);
});

test("another text is none", () => {
  expect(() => parseLegacyPositions("journal: 1\n")).toThrow("there is no map `positions` in it");
});
