import { expect, test } from "vitest";
import { logStages } from "../../../src/config/fields/log-stages/log-stages.ts";
import { metricNamesOf, mistakesInStage } from "../../../src/engines/process-log/check-stages.ts";

/** `path: message` of every mistake in a list of stages. */
function mistakes(...stages: readonly unknown[]): string[] {
  const result = logStages(mistakesInStage).safeParse(stages);
  return (result.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

const brokenRe = "not an RE2 expression: error parsing regexp: missing closing ): `(`";
const counter = { name: "c", action: "inc" };

test.each([
  [{ drop: { expression: "(" } }, `drop.expression: ${brokenRe}`],
  [{ drop: {} }, "drop: needs a source, an expression, older_than or longer_than"],
  [{ drop: { value: "x" } }, "drop: needs a source, an expression, older_than or longer_than"],
  [{ drop: { value: "x", longer_than: "1B" } }, "drop.value: value needs a source"],
  [{ drop: { source: "a", value: "x", expression: "x" } }, "drop.value: value and expression exclude each other"],
  [{ geoip: { db: "x.mmdb", source: "ip" } }, "geoip: needs a db_type or custom_lookups"],
  [{ json: {} }, "json: needs expressions or a regex"],
  [{ json: { regex: "(" } }, `json.regex: ${brokenRe}`],
  [{ label_drop: { values: [] } }, "label_drop.values: Too small: expected array to have >=1 items"],
  [{ labels: { values: { "a-b": "" } } }, "labels.values.a-b: Invalid key in record"],
  [
    { limit: { rate: 1, burst: 1, by_label_name: "x" } },
    "limit.by_label_name: a rate for each value of a label needs drop: true",
  ],
  [{ logfmt: {} }, "logfmt: needs a mapping or a regex"],
  [{ logfmt: { regex: "(" } }, `logfmt.regex: ${brokenRe}`],
  [{ luhn: { skip_regex: "(" } }, `luhn.skip_regex: ${brokenRe}`],
  [{ match: { selector: '{a="b"}' } }, "match: needs stages, or action: drop"],
  [
    { match: { selector: '{a="b"}', action: "drop", stages: [{ docker: {} }] } },
    "match.stages: what is dropped goes through no stages",
  ],
  [
    { match: { selector: '{a="b"}', stages: [{ docker: {} }, { regex: { expression: "(" } }] } },
    `match.stages.1.regex.expression: ${brokenRe}`,
  ],
  [{ metrics: {} }, "metrics: needs counters, gauges or histograms"],
  [
    { metrics: { counters: [{ ...counter, match_all: true, value: "x" }] } },
    "metrics.counters.0.value: match_all and value exclude each other",
  ],
  [
    { metrics: { counters: [{ ...counter, count_entry_bytes: true }] } },
    "metrics.counters.0.count_entry_bytes: needs match_all: true and action: add",
  ],
  [
    { metrics: { counters: [{ ...counter, action: "add", match_all: true }] } },
    "metrics.counters.0.match_all: has nothing to add; set count_entry_bytes, or action: inc",
  ],
  [{ metrics: { histograms: [{ name: "h", buckets: [1, 1] }] } }, "metrics.histograms.0.buckets: must rise"],
  [
    { metrics: { counters: [{ ...counter, max_idle_duration: "500ms" }] } },
    "metrics.counters.0.max_idle_duration: must be at least 1s",
  ],
  [{ multiline: { firstline: "" } }, "multiline.firstline: must not be empty"],
  [{ multiline: { firstline: "(" } }, `multiline.firstline: ${brokenRe}`],
  [{ multiline: { firstline: "x", max_wait_time: "0s" } }, "multiline.max_wait_time: must be longer than 0s"],
  [{ regex: { expression: "" } }, "regex.expression: must not be empty"],
  [{ regex: { expression: "(" } }, `regex.expression: ${brokenRe}`],
  [{ replace: { expression: "" } }, "replace.expression: must not be empty"],
  [{ replace: { expression: "(" } }, `replace.expression: ${brokenRe}`],
  [{ structured_metadata: { regex: "(" } }, `structured_metadata.regex: ${brokenRe}`],
  [{ tenant: {} }, "tenant: needs exactly one of label, source and value"],
  [{ tenant: { label: "a", value: "b" } }, "tenant: needs exactly one of label, source and value"],
  [
    { timestamp: { source: "t", format: "Unix", location: "Nowhere" } },
    'timestamp.location: not a time zone: no time zone has the name "Nowhere"',
  ],
  [
    { truncate: { rules: [{ limit: "5B", sources: ["a"] }] } },
    "truncate.rules.0.sources: means nothing to a line; leave it out",
  ],
  [{ truncate: { rules: [{ limit: "3B", suffix: "…" }] } }, "truncate.rules.0.suffix: must be shorter than the limit"],
  [{}, ": each item of the list is one stage: a mapping of one key, its name"],
  [{ docker: {}, cri: {} }, ": each item of the list is one stage: a mapping of one key, its name"],
])("a stage that cannot work is refused: %j", (stage, mistake) => {
  expect(mistakes(stage)).toEqual([`0${mistake.startsWith(":") ? "" : "."}${mistake}`]);
});

test.each([
  ["json.expressions.a", { json: { expressions: { a: "b[" } } }, "not a JMESPath expression: "],
  ["match.selector", { match: { selector: '{a="b}', action: "drop" } }, "not a LogQL selector: column 4: "],
  ["pattern.pattern", { pattern: { pattern: "<_>" } }, "not a pattern: "],
  ["replace.replace", { replace: { expression: "(a)", replace: "{{ nope }}" } }, "not a template: line 1, column "],
  ["template.template", { template: { source: "a", template: "{{ .a" } }, "not a template: line 1, column "],
])("an expression that cannot be read is refused in its words: %s", (path, stage, mistake) => {
  const found = mistakes(stage);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^0\\.${path.replaceAll(".", "\\.")}: ${mistake}.`));
});

test("all mistakes of a list are told at once, those of stages that do not exist only once", () => {
  expect(mistakes({ jsn: {} }, { regex: { expression: "" } }, { drop: {} })).toHaveLength(3);
});

test("every stage may be written without options where none is required", () => {
  const names = ["cri", "decolorize", "docker", "luhn", "split_json"];
  expect(mistakes(...names.map((name) => ({ [name]: null })))).toEqual([]);
});

test("the metrics of stages are known by name, those within match too", () => {
  const metrics = (name: string) => ({ metrics: { counters: [{ ...counter, name, prefix: "p_" }] } });
  const match = {
    selector: '{a="b"}',
    stages: [metrics("b"), { match: { selector: '{a="b"}', stages: [metrics("c")] } }],
  };
  const stages = logStages(mistakesInStage).parse([metrics("a"), { match }, { docker: {} }]);
  expect([...metricNamesOf(stages)]).toEqual(["p_a", "p_b", "p_c"]);
});
