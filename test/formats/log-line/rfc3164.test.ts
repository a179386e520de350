import { expect, test } from "vitest";
import { parseRfc3164 } from "../../../src/formats/log-line/rfc3164.ts";
import { SyslogError } from "../../../src/formats/log-line/syslog-message.ts";

const now = Date.UTC(2026, 0, 2);

test("the parts of a message are told apart", () => {
  expect(parseRfc3164("<34>Jan  1 22:14:15 mymachine su[42]: 'su root' failed for lonvick", now)).toEqual({
    facility: "auth",
    severity: "critical",
    timestamp: 1767305655000000000n,
    hostname: "mymachine",
    appName: "su",
    procId: "42",
    structuredData: [],
    message: "'su root' failed for lonvick",
  });
});

test("what is missing leaves the rest as it is", () => {
  const f = (text: string, want: object) => {
    const { facility: _, severity: _severity, structuredData: _data, timestamp, ...rest } = parseRfc3164(text, now);
    expect({ ...rest, hasTime: timestamp !== undefined }).toEqual(want);
  };
  f("<13>Jan  1 00:00:00 app: m", { hasTime: true, appName: "app", message: "m" });
  f("<13>Jan  1 00:00:00 app[1]: m", { hasTime: true, appName: "app", procId: "1", message: "m" });
  f("<13>Jan  1 00:00:00 host app:m", { hasTime: true, hostname: "host", appName: "app", message: "m" });
  f("<13>Jan  1 00:00:00 host app: ", { hasTime: true, hostname: "host", appName: "app", message: "" });
  f("<13>Jan  1 00:00:00 host just words", { hasTime: true, hostname: "host", message: "just words" });
  f("<13>Jan  1 00:00:00 192.0.2.1 app: m", { hasTime: true, hostname: "192.0.2.1", appName: "app", message: "m" });
  f("<13>Jan  1 00:00:00 ::1 app: m", { hasTime: true, hostname: "::1", appName: "app", message: "m" });
  f("<13>2026-01-01T00:00:00+00:00 host app[1]: m", {
    hasTime: true,
    hostname: "host",
    appName: "app",
    procId: "1",
    message: "m",
  });
  f("<13>app[1]: m", { hasTime: false, appName: "app", procId: "1", message: "m" });
  f("<13>just words", { hasTime: false, message: "just words" });
  f("<13>Feb 31 00:00:00 host app: m", { hasTime: false, message: "Feb 31 00:00:00 host app: m" });
  f("<13>", { hasTime: false, message: "" });
});

test.each([
  ["Jan  1 12:46:48: ", undefined, "12:46:48.000"],
  ["*Jan  1 12:46:48.467: ", undefined, "12:46:48.467"],
  ["29: *Jan  1 12:46:48.467 UTC: ", undefined, "12:46:48.467"],
  ["29: 000046: .Jan  1 12:46:48: ", undefined, "12:46:48.000"],
  ["29: 000046: router1: *Jan  1 2026 12:46:48.467 UTC: ", "router1", "12:46:48.467"],
  ["router1: Jan  1 12:46:48: ", "router1", "12:46:48.000"],
])("a device of Cisco may begin with %j", (start, hostname, at) => {
  expect(parseRfc3164(`<189>${start}%SYS-5-CONFIG_I: Configured from console`, now)).toEqual({
    facility: "local7",
    severity: "notice",
    timestamp: BigInt(Date.parse(`2026-01-01T${at}Z`)) * 1_000_000n,
    ...(hostname !== undefined && { hostname }),
    appName: "%SYS-5-CONFIG_I",
    structuredData: [],
    message: "Configured from console",
  });
});

test("the year is the one that brings the time closest to now", () => {
  const f = (text: string, at: string, want: string) => {
    const { timestamp = 0n } = parseRfc3164(`<13>${text} host app: m`, Date.parse(at));
    expect(new Date(Number(timestamp / 1_000_000n)).toISOString()).toBe(want);
  };
  f("Dec 31 23:59:59", "2026-01-01T00:00:01Z", "2025-12-31T23:59:59.000Z");
  f("Jan  1 00:00:01", "2025-12-31T23:59:59Z", "2026-01-01T00:00:01.000Z");
  f("Jun 15 12:00:00.250", "2026-06-15T12:00:00Z", "2026-06-15T12:00:00.250Z");
  f("Jun 5 12:00:00", "2026-06-15T12:00:00Z", "2026-06-05T12:00:00.000Z");
  f("Feb 29 12:00:00", "2026-06-15T12:00:00Z", "2024-02-29T12:00:00.000Z");
});

test("a message without a priority is refused", () => {
  const f = (text: string, want: string) => expect(() => parseRfc3164(text, now)).toThrow(new SyslogError(want));
  f("Jan  1 00:00:00 host app: m", 'expected a priority such as <34>, got "Jan  1 00:00:00 host app: m"');
  f("<999>m", 'expected a priority such as <34>, got "<999>m"');
});
