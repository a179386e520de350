import { expect, test } from "vitest";
import { parseCpuTimes, parseStat } from "../../../src/formats/procfs/stat.ts";

test("CPU times are seconds by CPU, without the line of all CPUs", () => {
  const f = (input: string, want: Record<number, number[]>) =>
    expect(Object.fromEntries(parseCpuTimes(input))).toEqual(want);

  f("cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 301854 612 111922 8979004 3552 2 3944 5 7 1\nintr 4\n", {
    0: [3018.54, 6.12, 1119.22, 89790.04, 35.52, 0.02, 39.44, 0.05, 0.07, 0.01],
  });
  // Linux 2.4 has four columns, 2.6.0 seven.
  f("cpu  1 2 3 4\ncpu0 100 200 300 400\n", { 0: [1, 2, 3, 4, 0, 0, 0, 0, 0, 0] });
  f("cpu0 100 200 300 400 500 600 700\n", { 0: [1, 2, 3, 4, 5, 6, 7, 0, 0, 0] });
  // CPUs that are offline have no line; a later kernel may have more columns.
  f("cpu  1 1 1 1\ncpu1 100 0 0 0 0 0 0 0 0 0 77\ncpu12 0 0 0 100\n", {
    1: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    12: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
  });
  f("", {});
});

test("a CPU line that cannot be read fails", () => {
  const f = (input: string, want: string) => expect(() => parseCpuTimes(input)).toThrow(new Error(want));

  f("cpu0 1 x 3 4\n", 'cannot parse stat: unexpected line "cpu0 1 x 3 4"');
  f("cpuless 1 2 3 4\n", 'cannot parse stat: unexpected line "cpuless 1 2 3 4"');
});

test("of the rest the sums, times and counts are read", () => {
  const text = `cpu  1 2 3 4
intr 8885917 17 0 0 0
ctxt 38014093
btime 1418183276
processes 26442
procs_running 2
procs_blocked 1
softirq 5057579 250191 1481983 1647 211099 186066 0 1783454 622196 12499 508444
`;
  expect(parseStat(text)).toEqual({
    interrupts: 8885917,
    contextSwitches: 38014093,
    bootTime: 1418183276,
    forks: 26442,
    running: 2,
    blocked: 1,
    softirqs: [250191, 1481983, 1647, 211099, 186066, 0, 1783454, 622196, 12499, 508444],
  });
});

test("what an old kernel does not have is 0", () => {
  expect(parseStat("cpu  1 2 3 4\nbtime 5\npage 1 2\n")).toEqual({
    interrupts: 0,
    contextSwitches: 0,
    bootTime: 5,
    forks: 0,
    running: 0,
    blocked: 0,
    softirqs: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  });
});

test("a count that is no number fails", () => {
  const f = (input: string, want: string) => expect(() => parseStat(input)).toThrow(new Error(want));

  f("ctxt -1\n", 'cannot parse stat: unexpected line "ctxt -1"');
  f("softirq 1 2 3\n", 'cannot parse stat: unexpected line "softirq 1 2 3"');
});
