import { expect, test } from "vitest";
import { z } from "zod";
import { duration } from "../../src/config/fields.ts";
import { configOfFlags, flagsOf } from "../../src/config/flags.ts";

const schema = z.strictObject({
  root_path: z
    .string()
    .default("/")
    .describe("Where it is.")
    .meta({ flag: { name: "path.root" } }),
  unspelled: z.string().optional(),
  disk: z
    .strictObject({
      device_include: z
        .string()
        .optional()
        .describe("Only these.")
        .meta({ flag: { formerly: ["old.disk"] } }),
      timeout: duration.prefault("5s").meta({ flag: { isHidden: true } }),
      with_stats: z.boolean().default(false),
      most: z.int().default(4),
    })
    .refine(() => true)
    .prefault({})
    .meta({ flag: { name: "collector.diskstats" } }),
  text: z
    .strictObject({
      folders: z.union([z.string(), z.array(z.string())]).default([]),
      labels: z
        .array(z.string())
        .default(["a", "b"])
        .meta({ flag: { name: "collector.text.label-list", separator: "," } }),
    })
    .prefault({}),
});

const flags = flagsOf(schema);

test("the fields of blocks are flags by themselves, and what is spelled in another way says so", () => {
  expect(
    flags.map(({ name, isSwitch, isRepeatable, isHidden, default: fallback, help }) => [
      name,
      [isSwitch && "switch", isRepeatable && "repeatable", isHidden && "hidden"].filter(Boolean).join(" "),
      fallback,
      help,
    ]),
  ).toEqual([
    ["path.root", "", '"/"', "Where it is."],
    ["collector.diskstats.device-include", "", undefined, "Only these."],
    ["old.disk", "hidden", undefined, "Only these."],
    ["collector.diskstats.timeout", "hidden", '"5s"', ""],
    ["collector.diskstats.with-stats", "switch", undefined, ""],
    ["collector.diskstats.most", "", "4", ""],
    ["collector.text.folders", "repeatable", undefined, ""],
    ["collector.text.label-list", "", '"a,b"', ""],
  ]);
});

test("flags become the config that a user would write", () => {
  const given = Object.entries({
    "path.root": "/host",
    "old.disk": "^sd",
    "collector.diskstats.timeout": "1.5s",
    "collector.diskstats.with-stats": "true",
    "collector.diskstats.most": "7",
    "collector.text.label-list": "x,y",
  }).map(([name, value]) => ({ flag: flags.find((flag) => flag.name === name)!, value }));
  const folder = flags.find(({ name }) => name === "collector.text.folders")!;
  const config = configOfFlags([...given, { flag: folder, value: "/a" }, { flag: folder, value: "/b" }]);
  expect(config).toEqual({
    root_path: "/host",
    disk: { device_include: "^sd", timeout: "1500ms", with_stats: true, most: 7 },
    text: { labels: ["x", "y"], folders: ["/a", "/b"] },
  });
  expect(schema.parse(config).disk.timeout).toBe(1500);
});

test("a value that is none is refused in upstream's words", () => {
  const set = (name: string, value: string) => () =>
    configOfFlags([{ flag: flags.find((flag) => flag.name === name)!, value }]);
  expect(set("collector.diskstats.timeout", "foo")).toThrow('time: invalid duration "foo"');
  expect(set("collector.diskstats.most", "many")).toThrow('strconv.ParseFloat: parsing "many": invalid syntax');
});
