import { expect, test } from "vitest";
import { diagnosticsToJson, renderDiagnostics } from "../../src/config/render.ts";

const place = {
  file: "sonde.yaml",
  line: 2,
  column: 3,
  length: 5,
  lines: ["logging:", "  levle: debug", "  format: json"],
};
const diagnostic = { severity: "error", message: "unknown field `levle`", hint: "look closely", place } as const;

test("shows the line in its surroundings, with a caret and the hint", () => {
  expect(renderDiagnostics([diagnostic])).toBe(`error: unknown field \`levle\`
  --> sonde.yaml:2:3
  1 | logging:
  2 |   levle: debug
    |   ^^^^^
  3 |   format: json
hint: look closely

1 error`);
});

test("colours only when asked", () => {
  expect(renderDiagnostics([diagnostic], { color: true })).toContain("\u001b[31m^^^^^\u001b[0m");
  expect(renderDiagnostics([diagnostic], { color: false })).not.toContain("\u001b");
});

test("gives programs file, line and column", () => {
  expect(diagnosticsToJson([diagnostic, { severity: "error", message: "no config" }])).toEqual([
    {
      severity: "error",
      message: "unknown field `levle`",
      hint: "look closely",
      place: expect.objectContaining({ file: "sonde.yaml", line: 2, column: 3 }),
    },
    { severity: "error", message: "no config" },
  ]);
});
