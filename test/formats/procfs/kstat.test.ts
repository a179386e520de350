import { expect, test } from "vitest";
import { parseKstats, parseObjset, parsePoolIo } from "../../../src/formats/procfs/kstat.ts";

const heading = "9 1 0x01 10 2720 8205 672\nname                            type data\n";

test("kstats that are numbers are read, others left out", () => {
  expect(parseKstats(`${heading}hits 4 18446744073709551615\nsize 3 5\nname_of 7 some text\n`, "arcstats")).toEqual([
    { name: "hits", value: 2 ** 64 },
    { name: "size", value: 5 },
  ]);
});

test("a file without the heading is refused, and so is a number that is none", () => {
  expect(() => parseKstats("nothing\n", "arcstats")).toThrow("cannot parse arcstats");
  expect(() => parseKstats("", "arcstats")).toThrow("cannot parse arcstats");
  expect(() => parseKstats(`${heading}hits 4 many\n`, "arcstats")).toThrow("cannot parse arcstats");
});

test("a dataset's name may hold blanks", () => {
  expect(parseObjset(`${heading}dataset_name 7 tank/data set\nwrites 4 4\nsigned 3 1\n`, "objset-0x36")).toEqual({
    dataset: "tank/data set",
    kstats: [{ name: "writes", value: 4 }],
  });
});

test("a pool's traffic is a line of names and one of numbers", () => {
  expect(parsePoolIo("12 3 0x00\nnread nwritten\n1 2\n", "io")).toEqual([
    { name: "nread", value: 1 },
    { name: "nwritten", value: 2 },
  ]);
  expect(parsePoolIo("12 3 0x00\n", "io")).toEqual([]);
  expect(() => parsePoolIo("nread nwritten\n1\n", "io")).toThrow("cannot parse io");
});
