import { expect, test } from "vitest";
import { processed, stagesUnderTest } from "../../../support/stages.ts";

const line = JSON.stringify({
  level: "info",
  status: 200,
  took: 1e-7,
  big: 1e21,
  ok: true,
  nothing: null,
  user: { name: "frank", tags: ["a", "b"] },
});

test.each([
  ["an empty expression is the name itself", { level: "" }, { level: "info" }],
  ["nothing behind a name is the name itself, too", { level: null }, { level: "info" }],
  ["a path", { who: "user.name" }, { who: "frank" }],
  ["a number", { status: "" }, { status: "200" }],
  ["numbers without an exponent", { took: "", big: "" }, { took: "0.0000001", big: "1000000000000000000000" }],
  ["a truth value", { ok: "" }, { ok: "true" }],
  [
    "lists and objects are JSON",
    { tags: "user.tags", user: "" },
    { tags: '["a","b"]', user: '{"name":"frank","tags":["a","b"]}' },
  ],
  ["null and what is not there are nothing", { nothing: "", absent: "" }, {}],
])("json extracts %s", (_, expressions, extracted) => {
  expect(processed([{ json: { expressions } }], line)?.extracted).toEqual(extracted);
});

test("json reads an extracted value", () => {
  const stages = [{ json: { expressions: { extra: "" } } }, { json: { expressions: { user: "" }, source: "extra" } }];
  expect(processed(stages, '{"extra":"{\\"user\\":\\"marco\\"}"}')?.extracted).toMatchObject({ user: "marco" });
});

test("json takes the keys of the top level that the regex matches", () => {
  const extracted = processed([{ json: { regex: "^(level|sta)" } }], line)?.extracted;
  expect(extracted).toEqual({ level: "info", status: "200" });
});

test.each(["", "no JSON", "[1]", '"text"', '{"a":'])(
  "json lets a malformed line pass, or drops and counts it: %j",
  (malformed) => {
    expect(processed([{ json: { expressions: { a: "" } } }], malformed)).toMatchObject({
      line: malformed,
      extracted: {},
    });
    const dropping = stagesUnderTest([{ json: { expressions: { a: "" }, drop_malformed: true } }]);
    expect(dropping.process(malformed)).toEqual([]);
    expect(dropping.counts).toEqual({ "dropped malformed_json": 1 });
  },
);
