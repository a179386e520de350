import { expect, test } from "vitest";
import { parseCri } from "../../../src/formats/log-line/cri.ts";

const time = "2026-01-02T03:04:05.678901234Z";

test.each([
  [`${time} stdout F hello`, { time, stream: "stdout", flags: "F", content: "hello" }],
  [`${time} stderr P part one `, { time, stream: "stderr", flags: "P", content: "part one " }],
  [`${time} stdout F   indented`, { time, stream: "stdout", flags: "F", content: "  indented" }],
  [`${time} stdout F `, { time, stream: "stdout", flags: "F", content: "" }],
  [`${time} stdout F`, { time, stream: "stdout", flags: "F", content: "" }],
  [`${time} stdout`, { time, stream: "stdout", flags: "F", content: "" }],
  [`${time}  stdout  P  x`, { time, stream: "stdout", flags: "P", content: " x" }],
  [`${time} stdout P:tag:more x`, { time, stream: "stdout", flags: "P", content: "x" }],
  [`${time} stdout Panic: no flags`, { time, stream: "stdout", flags: "F", content: "Panic: no flags" }],
  [`${time} stdout F two\nlines`, { time, stream: "stdout", flags: "F", content: "two\nlines" }],
])("%j is CRI's", (line, want) => {
  expect(parseCri(line)).toEqual(want);
});

test.each(["", "hello", `${time} stdin F x`, `${time} stdoutF x`, ` stdout F x`, `${time} F x`])(
  "%j is not CRI's",
  (line) => {
    expect(parseCri(line)).toBeUndefined();
  },
);
