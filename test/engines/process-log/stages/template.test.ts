import { expect, test } from "vitest";
import { processed } from "../../../support/stages.ts";

const given = { line: "the line", labels: { app: "web" }, extracted: { level: "WARN", user: "frank" } };

test.each([
  ["the value itself", "level", "{{ ToLower .Value }}", "warn"],
  ["another value", "level", "{{ .user }}", "frank"],
  ["a label", "level", "{{ .app }}", "web"],
  ["the line", "level", "{{ .Entry | ToUpper }}", "THE LINE"],
  ["a new value", "fresh", "{{ .level }}-{{ .user }}", "WARN-frank"],
  [
    "a condition",
    "level",
    '{{ if eq .Value "WARN" }}{{ Replace .Value "WARN" "OK" -1 }}{{ else }}{{ .Value }}{{ end }}',
    "OK",
  ],
  ["a regular expression", "user", '{{ regexReplaceAll "(f)r" .Value "${1}l" }}', "flank"],
  ["Trim and its kin", "user", '{{ TrimPrefix .Value "fr" }}', "ank"],
  ["an empty result, which takes the value away", "level", '{{ "" }}', undefined],
  ["a template that fails, which leaves the value", "level", "{{ fail .Value }}", "WARN"],
])("template sets %s", (_, source, template, value) => {
  expect(processed([{ template: { source, template } }], given)?.extracted[source]).toBe(value);
});

test("template does not know what is not there as a value of its own", () => {
  const stage = { template: { source: "absent", template: "<{{ .Value }}>" } };
  expect(processed([stage], given)?.extracted.absent).toBe("<<no value>>");
});

test.each([
  [
    "a group",
    { expression: "password (\\S+)", replace: "****" },
    "password 1234 and password 5678",
    "password **** and password ****",
  ],
  [
    "a group by a template",
    { expression: "(\\w+)@", replace: "{{ .Value | ToUpper }}" },
    "frank@x anna@y",
    "FRANK@x ANNA@y",
  ],
  ["with nothing", { expression: "(debug )" }, "a debug line", "a line"],
  ["several groups", { expression: "(\\d+)-(\\d+)", replace: "#" }, "1-2 3-4", "#-# #-#"],
  ["only the outer one of two groups", { expression: "(a(b))", replace: "<{{ .Value }}>" }, "ab", "<ab>"],
  ["no group that took no part", { expression: "x|(y)", replace: "#" }, "xy", "x#"],
  ["nothing where there are no groups", { expression: "a", replace: "#" }, "aaa", "aaa"],
  ["nothing where it does not match", { expression: "(z)", replace: "#" }, "abc", "abc"],
  ["by other values", { expression: "(line)", replace: "{{ .user }}" }, "the line", "the frank"],
])("replace replaces %s", (_, options, line, expected) => {
  expect(processed([{ replace: options }], { ...given, line })?.line).toBe(expected);
});

test("replace extracts its named groups as they are after it", () => {
  const stage = { replace: { expression: "^(?P<ip>\\S+) - (?P<user>\\S+)", replace: "{{ .Value | ToUpper }}" } };
  expect(processed([stage], "a::1 - frank x")).toMatchObject({
    line: "A::1 - FRANK x",
    extracted: { ip: "A::1", user: "FRANK" },
  });
});

test("replace changes an extracted value instead of the line, and nothing where it is not there", () => {
  const stage = { replace: { expression: "(fr)", replace: "x", source: "user" } };
  expect(processed([stage], given)).toMatchObject({ line: "the line", extracted: { user: "xank" } });
  expect(processed([stage], "fr")).toMatchObject({ line: "fr", extracted: {} });
});
