import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTextFiles } from "../../../src/engines/host/text-files.ts";
import { describeError } from "../../../src/lib/errors.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** Text files below a fresh folder, and what is read of the folders given relative to it. */
async function read(files: Record<string, string>, directories: readonly string[]) {
  using dir = tempDir();
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir.path, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, 1000.9, 1000.9);
  }
  const found = await readTextFiles(directories.map((directory) => join(dir.path, directory)));
  const placed = (path: string) => path.replaceAll(dir.path, "/t");
  return {
    families: found.families.map(({ name, help, samples }) => `${name} (${placed(help)}) ${samples.length}`),
    mtimes: Object.fromEntries([...found.mtimes].map(([path, seconds]) => [placed(path), seconds])),
    errors: Object.fromEntries([...found.errors].map(([path, error]) => [placed(path), placed(describeError(error))])),
  };
}

test("folders may be several, and patterns; only *.prom is read, by name", async () => {
  const files = {
    "a/2.prom": "two 1\n",
    "a/1.prom": "one 1\n",
    "a/x.txt": "no\n",
    "b1/3.prom": "three 1\n",
    "b2/4.prom": "four 1\n",
  };
  expect(await read(files, ["a", "b*"])).toEqual({
    families: [
      "one (Metric read from /t/a/1.prom) 1",
      "two (Metric read from /t/a/2.prom) 1",
      "three (Metric read from /t/b1/3.prom) 1",
      "four (Metric read from /t/b2/4.prom) 1",
    ],
    mtimes: { "/t/a/1.prom": 1000, "/t/a/2.prom": 1000, "/t/b1/3.prom": 1000, "/t/b2/4.prom": 1000 },
    errors: {},
  });
  expect(await read(files, [])).toEqual({ families: [], mtimes: {}, errors: {} });
});

test("a folder that is not there, or a pattern that matches nothing, is an error; the others are read", async () => {
  const { families, errors } = await read({ "a/1.prom": "one 1\n" }, ["missing", "none*", "a"]);
  expect(families).toEqual(["one (Metric read from /t/a/1.prom) 1"]);
  expect(Object.keys(errors)).toEqual(["/t/missing", "/t/none*"]);
  expect(errors["/t/missing"]).toContain("ENOENT");
});

test("of a file with one wrong line nothing counts", async () => {
  const broken = Object.fromEntries(
    Array.from({ length: 10 }, (_none, at) => [`a/${at}.prom`, `good 1\nbad ${"x".repeat(at)}\n`]),
  );
  const { families, mtimes, errors } = await read({ ...broken, "a/good.prom": "good 1\n" }, ["a"]);
  expect(families).toEqual(["good (Metric read from /t/a/good.prom) 1"]);
  expect(Object.keys(mtimes)).toEqual(["/t/a/good.prom"]);
  expect(Object.keys(errors)).toHaveLength(10);
});

test("files that say different things of a family: the first one counts", async () => {
  const { families, errors } = await read(
    { "a/1.prom": "# HELP m One.\nm 1\n", "a/2.prom": "# HELP m Two.\nm 2\n", "a/3.prom": "# HELP m One.\nm 3\n" },
    ["a"],
  );
  expect(families).toEqual(["m (One.) 1", "m (One.) 1"]);
  expect(errors).toEqual({ "/t/a/2.prom": "m has another HELP text than in an earlier file" });
});

test("without help a family tells all the files that have it", async () => {
  const { families } = await read({ "a/1.prom": "m 1\n", "a/2.prom": 'm{a="1"} 2\n' }, ["a"]);
  expect(families).toEqual([
    "m (Metric read from /t/a/1.prom, /t/a/2.prom) 1",
    "m (Metric read from /t/a/1.prom, /t/a/2.prom) 1",
  ]);
});
