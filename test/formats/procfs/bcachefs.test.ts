import { expect, test } from "vitest";
import {
  parseBcachefsCounter,
  parseBcachefsErrors,
  parseBcachefsIoDone,
  parseBcachefsIoErrors,
  parseBcachefsNumber,
  parseBcachefsTable,
} from "../../../src/formats/procfs/bcachefs.ts";

test("numbers have units of 1024, in either case", () => {
  const f = (text: string, want: number) => expect(parseBcachefsNumber(text)).toBe(want);

  f(" 405", 405);
  f("68.4k", 70_041);
  f("524M", 549_453_824);
  f("1.5G", 1_610_612_736);
  f("2K", 2048);
  expect(() => parseBcachefsNumber("1q")).toThrow('cannot parse "1q" as a number of bcachefs');
  expect(() => parseBcachefsNumber("1.2.3")).toThrow("cannot parse");
});

test("tables have a heading, and names that may end with a colon", () => {
  expect(parseBcachefsTable("type a b\nlz4: 1k 2k 3k\nshort 1\n")).toEqual([["lz4", "1k", "2k", "3k"]]);
});

test("a counter counts since the file system was made; one that only counts since the mount is 0", () => {
  expect(parseBcachefsCounter("since mount: 1\nsince filesystem creation: 2k\n")).toBe(2048);
  expect(parseBcachefsCounter("since mount: 1\n")).toBe(0);
  expect(() => parseBcachefsCounter("7\n")).toThrow("cannot parse a counter of bcachefs");
});

test("errors are lines of kind, count and perhaps time", () => {
  expect(parseBcachefsErrors("a_b 12 1700000000\nc 3\n\n")).toEqual([
    ["a_b", 12],
    ["c", 3],
  ]);
});

test("bytes are listed below read and write", () => {
  expect(parseBcachefsIoDone("read:\nsb   :  1\nuser :  2\nwrite:\nsb   :  3\n")).toEqual([
    ["read", "sb", 1],
    ["read", "user", 2],
    ["write", "sb", 3],
  ]);
});

test("only errors since the file system was made count", () => {
  const text = "IO errors since filesystem creation\n  read:    4\n  write:0\nIO errors since 8 y ago\n  read: 1\n";
  expect(parseBcachefsIoErrors(text)).toEqual([
    ["read", 4],
    ["write", 0],
  ]);
  expect(parseBcachefsIoErrors("")).toEqual([]);
});
