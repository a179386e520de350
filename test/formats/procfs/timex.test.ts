import { expect, test } from "vitest";
import { parseTimex } from "../../../src/formats/procfs/timex.ts";

test("names the members of struct timex", () => {
  const line = "0 0 -1500 -32768 250000 120 8193 7 1 32768000 1767225600 5 10000 65536 12 4 99 1 2 3 4 37";
  expect(parseTimex(line)).toMatchObject({
    state: 0,
    offset: -1500,
    freq: -32768,
    maxerror: 250000,
    esterror: 120,
    status: 8193,
    constant: 7,
    tick: 10000,
    ppsfreq: 65536,
    jitter: 12,
    shift: 4,
    stabil: 99,
    jitcnt: 1,
    calcnt: 2,
    errcnt: 3,
    stbcnt: 4,
    tai: 37,
  });
});

test("a failed call has an errno", () => expect(parseTimex("-1 1")).toEqual({ errno: 1 }));

test("anything else is refused", () => {
  expect(() => parseTimex("5 0 0")).toThrow('cannot parse the answer of adjtimex: "5 0 0"');
  expect(() => parseTimex("")).toThrow("cannot parse");
});
