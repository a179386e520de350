import { expect, test } from "vitest";
import { parseBcacheNumber, parsePriorityStats, parseWritebackRate } from "../../../src/formats/procfs/bcache.ts";

test("numbers have units of 1024, and a remainder of 1024 behind the point", () => {
  const f = (text: string, want: number) => expect(parseBcacheNumber(text)).toBe(want);

  f("0", 0);
  f("512", 512);
  f("1.0k", 1024);
  f("1.5M", 1_560_576);
  f("-11.5k", -11_764);
  f("2.11T", 3_380_139_261_952);
  expect(() => parseBcacheNumber("many")).toThrow('cannot parse "many" as a number of bcache');
  expect(() => parseBcacheNumber("1.0q")).toThrow("cannot parse");
});

test("rates lose their unit; other lines are passed over", () => {
  const text = "rate:\t\t4.0k/sec\ndirty:\t\t1\nproportional:\t-1\nnext io:\t17ms\n";
  expect([...parseWritebackRate(text)]).toEqual([
    ["rate", 4096],
    ["proportional", -1],
  ]);
});

test("priority_stats begins with two percentages", () => {
  expect(parsePriorityStats("Unused:\t\t73%\nMetadata:\t1%\nAverage:\t10473\n")).toEqual({ unused: 73, metadata: 1 });
  expect(parsePriorityStats("")).toEqual({ unused: 0, metadata: 0 });
});
