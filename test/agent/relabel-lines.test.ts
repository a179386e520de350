import { expect, test } from "vitest";
import { relabelLine } from "../../src/agent/relabel-lines.ts";
import { rule } from "../formats/relabel/rules.ts";

function f(line: unknown, want: object): void {
  const text = typeof line === "string" ? line : JSON.stringify(line);
  expect(JSON.parse(JSON.stringify(relabelLine(text, 7, { explain: false })))).toEqual(want);
}

test("a line becomes its labels, or null where a rule drops them", () => {
  const rules = [{ source_labels: ["a"], regex: "f(.*)", target_label: "é.b", replacement: "${1}x" }];
  f({ labels: { a: "foo", empty: "" }, rules }, { labels: { a: "foo", "é.b": "oox" } });
  f({ labels: {}, rules: [] }, { labels: {} });
  f({ labels: { a: "foo" }, rules: [{ action: "drop", source_labels: ["a"], regex: "foo" }] }, { labels: null });
});

test("rules are read as in prometheus.yml: numbers as they are spelled, null as nothing, actions in any case", () => {
  const rules = '[{"source_labels":["a"],"regex":1.50,"target_label":"b","replacement":true}]';
  f(`{"labels":{"a":"1.50"},"rules":${rules}}`, { labels: { a: "1.50", b: "true" } });
  f({ labels: { a: "x" }, rules: [{ source_labels: ["b"], regex: null, action: "DROP" }] }, { labels: null });
  f(
    { labels: { a: "x" }, rules: [{ action: "hashmod", source_labels: ["a"], target_label: "m", modulus: 8 }] },
    { labels: { a: "x", m: "6" } },
  );
});

test("every mistake is told, with its rule, line and column", () => {
  f('{"labels":{},"rules":[{"regex":"a(b","target_label":"x"},{"action":"hashmod","target_label":"x"}]}', {
    error:
      "rule 1: `rules[0].regex`: not an RE2 expression: missing closing ): `^(?s:a(b)$` (line 7, column 32); " +
      "rule 2: `rules[1].modulus`: hashmod needs a modulus of at least 1 (line 7, column 58)",
  });
  f('{"labels":{},"rules":[{"regexp":"a","target_label":"x"}]}', {
    error: "rule 1: unknown field `regexp`; did you mean `regex`? (line 7, column 24)",
  });
  f('{"labels":{},"rules":[null]}', {
    error: "rule 1: `rules[0]`: expected a mapping, found nothing (line 7, column 23)",
  });
  f('{"labels":{}}', { error: "missing required field `rules` (line 7, column 1)" });
  f("{", { error: expect.stringMatching(/^not JSON: .* \(line 7\)$/) });
  f("[]", { error: "expected a mapping, found a list (line 7, column 1)" });
});

test("rules from elsewhere take the place of those in the line, which may have none then", () => {
  const options = { rules: [rule({ target_label: "b", replacement: "x" })], explain: true };
  expect(relabelLine('{"labels":{"a":"1"}}', 1, options)).toEqual({
    labels: expect.objectContaining({ a: "1", b: "x" }),
    explain: [{ rule: 1, action: "replace", source: "", set: { b: "x" } }],
  });
  expect(relabelLine('{"labels":{},"rules":[]}', 1, options)).toEqual({
    error: "unknown field `rules` (line 1, column 14)",
  });
});
