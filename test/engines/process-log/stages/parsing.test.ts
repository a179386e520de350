import { expect, test } from "vitest";
import { processed, stagesUnderTest } from "../../../support/stages.ts";

test.each([
  [
    "logfmt: names and keys",
    { logfmt: { mapping: { at: "time", level: "" } } },
    'time=1 level=info msg="a b"',
    { at: "1", level: "info" },
  ],
  ["logfmt: a regex for keys", { logfmt: { regex: "^m" } }, 'time=1 msg="a b" mode=x', { msg: "a b", mode: "x" }],
  [
    "logfmt: a key twice, once by each",
    { logfmt: { mapping: { message: "msg" }, regex: "msg" } },
    "msg=a",
    { message: "a", msg: "a" },
  ],
  ["regex: named groups", { regex: { expression: "^(?P<a>\\w+) (?P<b>\\d+)?" } }, "x y", { a: "x", b: "" }],
  ["regex: no match", { regex: { expression: "^(?P<a>\\d+)" } }, "x", {}],
  [
    "pattern: named parts",
    { pattern: { pattern: "<ip> - <_> <path>" } },
    "10.0.0.1 - - /x",
    { ip: "10.0.0.1", path: "/x" },
  ],
  ["pattern: no match", { pattern: { pattern: "x<ip>" } }, "10.0.0.1", {}],
])("%s", (_, stage, line, extracted) => {
  expect(processed([stage], line)).toMatchObject({ line, labels: {} });
  expect(processed([stage], line)?.extracted).toEqual(extracted);
});

test.each([
  ["logfmt", { logfmt: { mapping: { a: "" }, source: "text" } }],
  ["regex", { regex: { expression: "a=(?P<a>.*)", source: "text" } }],
  ["pattern", { pattern: { pattern: "a=<a>", source: "text" } }],
])("%s reads an extracted value, and nothing where there is none", (_, stage) => {
  expect(processed([stage], { line: "a=2", extracted: { text: "a=1" } })?.extracted.a).toBe("1");
  expect(processed([stage], { line: "a=2" })?.extracted).toEqual({});
});

test.each([
  ["regex", { regex: { expression: "(?P<a>.)(?P<b>.)", labels_from_groups: true } }],
  ["pattern", { pattern: { pattern: "<a>,<b>", labels_from_groups: true } }],
])("%s makes labels of its parts where it is asked to", (name, stage) => {
  const line = name === "regex" ? "12" : "1,2";
  expect(processed([stage], { line, labels: { a: "0", c: "3" } })?.labels).toEqual({ a: "1", b: "2", c: "3" });
});

test("docker reads line, time and stream", () => {
  const line = '{"log":"a message\\n","stream":"stderr","time":"2019-04-30T02:12:41.8443515Z"}';
  expect(processed([{ docker: {} }], line)).toEqual({
    line: "a message\n",
    time: "2019-04-30T02:12:41.844351500Z",
    labels: { stream: "stderr" },
    extracted: { output: "a message\n", stream: "stderr", timestamp: "2019-04-30T02:12:41.8443515Z" },
    metadata: {},
  });
  expect(processed([{ docker: null }], "no JSON")).toMatchObject({ line: "no JSON", labels: {} });
});

test("cri reads line, time and stream", () => {
  expect(processed([{ cri: {} }], "2019-04-30T02:12:41.8443515Z stdout F  message ")).toEqual({
    line: " message ",
    time: "2019-04-30T02:12:41.844351500Z",
    labels: { stream: "stdout" },
    extracted: { time: "2019-04-30T02:12:41.8443515Z", stream: "stdout", flags: "F", content: " message " },
    metadata: {},
  });
  expect(processed([{ cri: {} }], "none")).toMatchObject({ line: "none", labels: {} });
});

const at = "2019-04-30T02:12:41Z";

test("cri joins the parts of a line, stream by stream", () => {
  const stages = stagesUnderTest([{ cri: {} }]);
  const lines = stages.process(
    `${at} stdout P a`,
    `${at} stderr P x`,
    `${at} stdout P b`,
    `${at} stdout F c`,
    `${at} stderr F y`,
  );
  expect(lines.map(({ line }) => line)).toEqual(["abc", "xy"]);
  expect(stages.release("end")).toEqual([]);
});

test("cri lets unfinished lines go when there are too many of them, and at the end", () => {
  const stages = stagesUnderTest([{ cri: { max_partial_lines: 1 } }]);
  expect(stages.process(`${at} stdout P a`, `${at} stdout P b`)).toEqual([]);
  expect(stages.process(`${at} stderr P x`).map(({ line }) => line)).toEqual(["ab"]);
  expect(stages.counts).toEqual({ "cri flushed": 1 });
  expect(stages.release("now")).toEqual([]);
  expect(stages.release("end").map(({ line }) => line)).toEqual(["x"]);
});

test("cri cuts lines that came in parts, at a whole character, only where it is asked to", () => {
  const parts = [`${at} stdout P aé`, `${at} stdout F bc`];
  expect(stagesUnderTest([{ cri: { max_partial_line_size: 2 } }]).process(...parts)[0]?.line).toBe("aébc");
  const cutting = stagesUnderTest([{ cri: { max_partial_line_size: 2, max_partial_line_size_truncate: true } }]);
  expect(cutting.process(...parts)[0]?.line).toBe("ab");
  expect(cutting.counts).toEqual({ "cri truncated": 2 });
});

test.each([
  ['[{"a":1}, {"b":[1,2]} , null, "x,]\\"y", 1.50 ]', ['{"a":1}', '{"b":[1,2]}', "null", '"x,]\\"y"', "1.50"]],
  ["  [1]  ", ["1"]],
  ["[]", []],
  ['{"a":[1]}', ['{"a":[1]}']],
  ["[1,", ["[1,"]],
  ["text", ["text"]],
])("split_json makes an entry of each element: %s", (line, lines) => {
  const given = { line, labels: { app: "a" }, metadata: { m: "1" } };
  const entries = stagesUnderTest([{ split_json: {} }]).process(given);
  expect(entries.map((entry) => entry.line)).toEqual(lines);
  for (const entry of entries) expect(entry).toMatchObject({ labels: { app: "a" }, metadata: { m: "1" } });
});

test("split_json reads an extracted value, and its entries do not share what later stages extract", () => {
  const stages = [{ split_json: { source: "events" } }, { json: { expressions: { n: "" } } }];
  const entries = stagesUnderTest(stages).process({ line: "-", extracted: { events: '[{"n":1},{"n":2}]' } });
  expect(entries.map(({ extracted }) => extracted.n)).toEqual(["1", "2"]);
});
