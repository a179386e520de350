import { expect, test } from "vitest";
import { offsetByRule } from "../../../src/formats/procfs/posix-tz.ts";

function f(rule: string, at: string, want: string | undefined): void {
  const zone = offsetByRule(rule, Date.parse(at) / 1000);
  expect(zone && `${zone.abbreviation} ${zone.seconds}`).toBe(want);
}

test("a rule without summer time holds always", () => {
  f("UTC0", "2026-07-01T00:00:00Z", "UTC 0");
  f("<-03>3", "2026-07-01T00:00:00Z", "-03 -10800");
  f("IST-5:30", "2026-07-01T00:00:00Z", "IST 19800");
  f("<+1245>-12:45", "2026-07-01T00:00:00Z", "+1245 45900");
});

test("summer time begins and ends by the local time before it", () => {
  const paris = "CET-1CEST,M3.5.0,M10.5.0/3";
  f(paris, "2026-03-29T00:59:59Z", "CET 3600");
  f(paris, "2026-03-29T01:00:00Z", "CEST 7200");
  f(paris, "2026-10-25T00:59:59Z", "CEST 7200");
  f(paris, "2026-10-25T01:00:00Z", "CET 3600");
});

test("in the south summer spans the new year", () => {
  const sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
  f(sydney, "2026-01-01T00:00:00Z", "AEDT 39600");
  f(sydney, "2026-07-01T00:00:00Z", "AEST 36000");
  f(sydney, "2026-12-31T23:59:59Z", "AEDT 39600");
});

test("hours may be negative or more than a day, days may be counted through the year", () => {
  const nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  f(nuuk, "2026-03-29T00:59:59Z", "-02 -7200");
  f(nuuk, "2026-03-29T01:00:00Z", "-01 -3600");
  const days = "XST0XDT,J60/0,J61/0";
  f(days, "2026-03-01T00:00:00Z", "XDT 3600");
  f(days, "2028-02-29T12:00:00Z", "XST 0");
  f(days, "2028-03-01T00:00:00Z", "XDT 3600");
  f("XST0XDT,59/0,60/0", "2028-02-29T12:00:00Z", "XDT 3600");
  f("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", "IDT 10800");
  // Dublin's standard time is the one in summer; winter is the "saving".
  f("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", "GMT 0");
  f("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", "IST 3600");
});

test("what is no rule has no answer", () => {
  f("", "2026-07-01T00:00:00Z", undefined);
  f("Europe/Paris", "2026-07-01T00:00:00Z", undefined);
  f("CET-1CEST", "2026-07-01T00:00:00Z", undefined);
});
