import { expect, test } from "vitest";
import { parseRetryAfter } from "../../../src/engines/push/retry-after.ts";

const now = Date.UTC(2026, 0, 1, 12, 0, 0);

test("Retry-After is seconds or an HTTP date, and at most ten minutes", () => {
  function f(header: string | undefined, want: number | undefined): void {
    expect([header, parseRetryAfter(header, now)]).toEqual([header, want]);
  }
  f("0", 0);
  f("7", 7000);
  f(" 120 ", 120_000);
  f("601", 600_000);
  f("1000000000", 600_000);
  f("Thu, 01 Jan 2026 12:00:30 GMT", 30_000);
  f("Thursday, 01-Jan-26 12:00:30 GMT", 30_000);
  f("Fri, 02 Jan 2026 12:00:00 GMT", 600_000);
});

test("anything else is ignored", () => {
  function ignored(header: string | undefined): void {
    expect([header, parseRetryAfter(header, now)]).toEqual([header, undefined]);
  }
  ignored(undefined);
  ignored("");
  ignored("-5");
  ignored("1.5");
  ignored("soon");
  ignored("2026-01-01T12:00:30Z");
  ignored("Thu, 01 Jan 2026 11:59:59 GMT");
  ignored("Thu, 99 Foo 2026 12:00:00 GMT");
});
