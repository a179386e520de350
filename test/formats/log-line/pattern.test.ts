import { describe, expect, test } from "vitest";
import { compilePattern } from "../../../src/formats/log-line/pattern.ts";

function captures(pattern: string, line: string): Record<string, string> | undefined {
  const found = compilePattern(pattern)(line);
  return found && Object.fromEntries(found);
}

describe("a pattern", () => {
  test("captures what lies between its texts", () => {
    const line = '10.0.0.7 - alice [10/Oct/2025:13:55:36 +0200] "GET /a?b=1 HTTP/1.1" 200 2326';
    expect(captures('<ip> - <user> [<_>] "<method> <path> <_>" <status> <size>', line)).toEqual({
      ip: "10.0.0.7",
      user: "alice",
      method: "GET",
      path: "/a?b=1",
      status: "200",
      size: "2326",
    });
  });

  test.each([
    ["at <place> now", "at home now", { place: "home" }],
    ["at <place> now<rest>", "at home now", { place: "home", rest: "" }],
    ["<a> x<b>", " x", { a: "", b: "" }],
    ["<a>", "all of it", { a: "all of it" }],
    ["<a>,<_>", "one,two,three", { a: "one" }],
    ["<a><b", "1<b2", { a: "1" }],
    ["<1> <a>", "<1> x", { a: "x" }],
    ["é<a>ü", "éxü", { a: "x" }],
  ])("%j reads %j", (pattern, line, want) => {
    expect(captures(pattern, line)).toEqual(want);
  });

  test("must begin where the line does", () => {
    expect(captures("b<x>", "ab1")).toBeUndefined();
    expect(captures("b<x>", "")).toBeUndefined();
    expect(captures("<x>", "")).toBeUndefined();
  });

  test("captures to the end of the line when the next text does not come, and nothing after that", () => {
    expect(captures("<a>?<b>&<c>", "no question")).toEqual({ a: "no question" });
    expect(captures("<_>?<b>", "no question")).toEqual({});
  });

  test.each([
    ["", "a pattern needs at least one named capture, such as <name>"],
    ["plain <_> <1>", "a pattern needs at least one named capture, such as <name>"],
    ["<a> <a>", "the capture <a> is there twice"],
    ["x<a><_>", "no text between <a> and <_>"],
  ])("%j is refused", (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});
