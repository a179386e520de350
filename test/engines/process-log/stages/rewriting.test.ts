import { expect, test } from "vitest";
import { processed, stagesUnderTest } from "../../../support/stages.ts";

test.each([
  ["decolorize", { decolorize: {} }, "\u001b[0;32mhttp\u001b[0m: GET", "http: GET"],
  ["output: an extracted value", { output: { source: "msg" } }, "line", "hello"],
  ["output: what is not there", { output: { source: "absent" } }, "line", "line"],
  ["luhn", { luhn: {} }, "card 4539578763621486 id 4539578763621487", "card **REDACTED** id 4539578763621487"],
  ["luhn: short numbers", { luhn: { min_length: 16 } }, "30569309025904", "30569309025904"],
  [
    "luhn: what stands between digits",
    { luhn: { delimiters: "- ", replacement: "#" } },
    "4539-5787 6362-1486 x",
    "# x",
  ],
  ["luhn: what is skipped", { luhn: { skip_regex: "id=\\d+" } }, "id=4539578763621486", "id=4539578763621486"],
  ["luhn: an extracted value becomes the line", { luhn: { source: "card" } }, "line", "**REDACTED**"],
  ["luhn: what is not there", { luhn: { source: "absent" } }, "line", "line"],
])("%s", (_, stage, line, expected) => {
  expect(processed([stage], { line, extracted: { msg: "hello", card: "4539578763621486" } })?.line).toBe(expected);
});

test("pack puts labels and extracted values into the line, and takes the labels away", () => {
  const given = {
    line: 'a "b"',
    labels: { pod: "p", app: "a" },
    extracted: { user: "u" },
    time: "2020-01-01T00:00:00Z",
  };
  const stage = { pack: { labels: ["user", "pod", "absent"] } };
  expect(processed([stage], given)).toMatchObject({
    line: '{"pod":"p","user":"u","_entry":"a \\"b\\""}',
    labels: { app: "a" },
    time: "2026-01-01T00:00:00.000000000Z",
  });
  const keeping = { pack: { labels: [], ingest_timestamp: false } };
  expect(processed([keeping], given)).toMatchObject({
    line: '{"_entry":"a \\"b\\""}',
    time: "2020-01-01T00:00:00.000000000Z",
  });
});

test("truncate cuts the line at a whole character, with the suffix within the limit", () => {
  const stages = stagesUnderTest([{ truncate: { rules: [{ limit: "6B", suffix: "…" }] } }]);
  const [long, short] = stages.process("aéébc", "abc");
  expect(long).toMatchObject({ line: "aé…", extracted: { truncated: "line" } });
  expect(short).toMatchObject({ line: "abc", extracted: {} });
  expect(stages.counts).toEqual({ "truncated line": 1 });
});

test("truncate cuts labels, metadata and extracted values, all or those that are named", () => {
  const given = { labels: { a: "12345", b: "12345" }, metadata: { m: "12345", n: "1" }, extracted: { x: "12345" } };
  const rules = [
    { limit: "2B", source_type: "label", sources: ["b", "absent"] },
    { limit: "3B", source_type: "structured_metadata" },
    { limit: "4B", source_type: "extracted", sources: ["x"] },
  ];
  const stages = stagesUnderTest([{ truncate: { rules } }]);
  expect(stages.process(given)).toMatchObject([
    {
      labels: { a: "12345", b: "12" },
      metadata: { m: "123", n: "1" },
      extracted: { x: "1234", truncated: "extracted,label,structured_metadata" },
    },
  ]);
  expect(stages.counts).toEqual({ "truncated label": 1, "truncated structured_metadata": 1, "truncated extracted": 1 });
});

test("truncate adds to what an earlier one has cut", () => {
  const stages = [
    { truncate: { rules: [{ limit: "2B" }] } },
    { truncate: { rules: [{ limit: "2B", source_type: "label" }] } },
  ];
  expect(processed(stages, { line: "123", labels: { a: "123" } })?.extracted.truncated).toBe("label,line");
});
