import { expect, test } from "vitest";
import { stagesUnderTest } from "../../../support/stages.ts";

function lines(entries: readonly { line: string }[]): string[] {
  return entries.map(({ line }) => line);
}

test("a block goes on when the next one begins", () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S" } }]);
  expect(lines(stages.process("first", " a", " b"))).toEqual([]);
  expect(lines(stages.process("second", "third", " c"))).toEqual(["first\n a\n b", "second"]);
  expect(lines(stages.release("end"))).toEqual(["third\n c"]);
});

test("lines before the first first line pass as they are", () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S" } }]);
  expect(lines(stages.process(" a", " b", "first"))).toEqual([" a", " b"]);
});

test("a block has the labels, time and metadata of its first line", () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S" } }]);
  const first = { line: "first", time: "2026-01-01T00:00:01.000000001Z", metadata: { m: "1" }, extracted: { x: "1" } };
  stages.process(first, { line: " a", time: "2026-01-01T00:00:02Z", metadata: { m: "2" }, extracted: { x: "2" } });
  expect(stages.release("end")).toEqual([{ ...first, line: "first\n a", labels: {} }]);
});

test("each stream has blocks of its own", () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S" } }]);
  const [a, b] = [{ stream: "a" }, { stream: "b" }];
  stages.process(
    { line: "a1", labels: a },
    { line: "b1", labels: b },
    { line: " a2", labels: a },
    { line: " b2", labels: b },
  );
  expect(lines(stages.release("end"))).toEqual(["a1\n a2", "b1\n b2"]);
});

test("a block goes on when no line has come for a while", async () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S", max_wait_time: "2s" } }]);
  stages.process({ line: "a", labels: { s: "a" } });
  await stages.clock.advance(1000);
  stages.process({ line: "b", labels: { s: "b" } }, { line: " a2", labels: { s: "a" } });
  await stages.clock.advance(1000);
  stages.process({ line: " b2", labels: { s: "b" } });
  expect(stages.due()).toBe(3000);
  await stages.clock.advance(999);
  expect(stages.release()).toEqual([]);
  await stages.clock.advance(1);
  expect(lines(stages.release())).toEqual(["a\n a2"]);
  expect(stages.due()).toBe(4000);
});

test("a block that is too long goes on, and its next lines are another block of the same first line", () => {
  const stages = stagesUnderTest([{ multiline: { firstline: "^\\S", max_lines: 2 } }]);
  const first = { line: "first", time: "2026-01-01T00:00:01.000000000Z" };
  expect(lines(stages.process(first, " a"))).toEqual(["first\n a"]);
  stages.process(" b");
  expect(stages.release("end")).toMatchObject([{ line: " b", time: first.time }]);
});

test("line ends go away before lines are joined, unless they shall stay", () => {
  const given = ["first\r\n", " a\n"] as const;
  const trimming = stagesUnderTest([{ multiline: { firstline: "^\\S" } }]);
  trimming.process(...given);
  expect(lines(trimming.release("end"))).toEqual(["first\n a"]);
  const keeping = stagesUnderTest([{ multiline: { firstline: "^\\S", trim_newlines: false } }]);
  keeping.process(...given);
  expect(lines(keeping.release("end"))).toEqual(["first\r\n\n a\n"]);
});
