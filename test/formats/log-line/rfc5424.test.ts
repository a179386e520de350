import { expect, test } from "vitest";
import { parseRfc5424 } from "../../../src/formats/log-line/rfc5424.ts";
import { SyslogError } from "../../../src/formats/log-line/syslog-message.ts";

test("the examples of the RFC are read", () => {
  expect(
    parseRfc5424("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed for lonvick"),
  ).toEqual({
    facility: "auth",
    severity: "critical",
    timestamp: 1065910455003000000n,
    hostname: "mymachine.example.com",
    appName: "su",
    msgId: "ID47",
    structuredData: [],
    message: "'su root' failed for lonvick",
  });
  expect(parseRfc5424("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time.")).toEqual({
    facility: "local4",
    severity: "notice",
    timestamp: 1061727255000003000n,
    hostname: "192.0.2.1",
    appName: "myproc",
    procId: "8710",
    structuredData: [],
    message: "%% It's time.",
  });
  const data =
    '[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]';
  expect(parseRfc5424(`<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ${data}`)).toEqual({
    facility: "local4",
    severity: "notice",
    timestamp: 1065910455003000000n,
    hostname: "mymachine.example.com",
    appName: "evntslog",
    msgId: "ID47",
    structuredData: [
      { id: "exampleSDID@32473", name: "iut", value: "3" },
      { id: "exampleSDID@32473", name: "eventSource", value: "Application" },
      { id: "exampleSDID@32473", name: "eventID", value: "1011" },
      { id: "examplePriority@32473", name: "class", value: "high" },
    ],
    message: "",
  });
});

test("a message may be empty, hold newlines and other alphabets", () => {
  const f = (text: string, want: string) => expect(parseRfc5424(text).message).toBe(want);
  f("<0>1 - - - - - -", "");
  f("<0>1 - - - - - - ", "");
  f("<0>1 - - - - - - a\n b", "a\n b");
  f("<0>1 - - - - - -  äß€", " äß€");
  f("<0>1 - - - - - [a] [b]", "[b]");
});

test("values of structured data may hold quotes, brackets and backslashes", () => {
  const f = (data: string, ...want: string[]) =>
    expect(parseRfc5424(`<0>1 - - - - - ${data} m`)).toEqual({
      facility: "kern",
      severity: "emergency",
      structuredData: want.map((value) => ({ id: "a", name: "b", value })),
      message: "m",
    });
  f('[a b="\\"\\]\\\\"]', '"]\\');
  f('[a b="c\\d"]', "c\\d");
  f('[a b="" b="x y"]', "", "x y");
  f("[a]");
});

test("facility and severity have their keywords", () => {
  const f = (priority: number, want: string) => {
    const { facility, severity } = parseRfc5424(`<${priority}>1 - - - - - -`);
    expect(`${facility}.${severity}`).toBe(want);
  };
  f(0, "kern.emergency");
  f(14, "user.informational");
  f(86, "authpriv.informational");
  f(123, "cron2.error");
  f(191, "local7.debug");
});

test("a time that cannot be read counts as none", () => {
  const f = (time: string, want: bigint | undefined) =>
    expect([time, parseRfc5424(`<0>1 ${time} - - - - -`).timestamp]).toEqual([time, want]);
  f("2026-01-01T00:00:00Z", 1767225600000000000n);
  f("2026-01-01T00:00:00.123456789+01:30", 1767220200123456789n);
  f("2026-01-01T00:00:00-00:30", 1767227400000000000n);
  f("2025-12-31T23:59:60Z", 1767225600000000000n);
  f("2026-02-29T00:00:00Z", undefined);
  f("2026-13-01T00:00:00Z", undefined);
  f("2026-01-01T24:00:00Z", undefined);
  f("2026-01-01", undefined);
  f("-", undefined);
});

test("a message that is none is refused with where it went wrong", () => {
  const f = (text: string, want: string) =>
    expect(() => parseRfc5424(text)).toThrow(new SyslogError(`expected ${want}`));
  const fields = "version, time, host, app, process and message id, got";
  f("hello", 'a priority such as <165>, got "hello"');
  f("<192>1 - - - - - -", 'a priority such as <165>, got "<192>1 - - - - - -"');
  f("<>1 - - - - - -", 'a priority such as <165>, got "<>1 - - - - - -"');
  f("", "a priority such as <165>, got the end");
  f("<34>1 - - -", `${fields} "1 - - -"`);
  f(
    "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
    `${fields} "Oct 11 22:14:15 mymachine su: " (this is RFC 3164: set syslog_format)`,
  );
  f("<34>1 - - - - - message", 'structured data or -, got "message"');
  f('<34>1 - - - - - [a b="c', 'a parameter or ], got " b=\\"c"');
  f("<34>1 - - - - - [a b]", 'a parameter or ], got " b]"');
  f("<34>1 - - - - - -message", 'a space before the message, got "message"');
});

test("a long value that never ends takes no long time", () => {
  const text = `<34>1 - - - - - [a b="${"\\".repeat(200_001)}`;
  expect(() => parseRfc5424(text)).toThrow(SyslogError);
  expect(() => parseRfc5424(`<34>1 - - - - - [a ${"b=".repeat(100_000)}`)).toThrow(SyslogError);
  expect(() => parseRfc5424(`<34>1 - - - - - [a${" ".repeat(100_000)}`)).toThrow(SyslogError);
});
