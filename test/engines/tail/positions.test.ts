import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashed, nothingHashed } from "../../../src/engines/tail/file-identity.ts";
import { Positions, type SavedPosition } from "../../../src/engines/tail/positions.ts";
import { realDisk } from "../../../src/lib/disk-real.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";
import { tempDir } from "../../support/temp-dir.ts";

let dir: ReturnType<typeof tempDir>;
let logs: LogLine[];

beforeEach(() => {
  dir = tempDir();
  logs = [];
});
afterEach(() => dir.remove());

function positions(): Positions {
  return new Positions({ disk: realDisk, folder: dir.path, clock: new FakeClock(1_000), log: recordingLogger(logs) });
}

const saved: SavedPosition = {
  path: "/var/log/a.log",
  stream: "{}",
  realPath: "/var/log/a.log",
  id: "2049:12345678901234567890",
  prefix: hashed(Buffer.from("prefix")),
  tail: nothingHashed,
  offset: 6,
  mtimeNs: "1767225600000000001",
  size: 9,
  isDone: false,
};

test("what was saved is loaded again", async () => {
  expect(await positions().load()).toBeUndefined();
  await positions().save([saved]);
  expect(await positions().load()).toEqual({ saved: [saved], isDamaged: false });
  expect(readdirSync(dir.path)).toEqual(["positions.json"]);
});

test("the same positions are not written twice", async () => {
  const twice = positions();
  await twice.save([saved]);
  writeFileSync(join(dir.path, "positions.json"), "marked");
  await twice.save([saved]);
  expect(readFileSync(join(dir.path, "positions.json"), "utf8")).toBe("marked");
  await twice.save([{ ...saved, offset: 7 }]);
  expect((await positions().load())?.saved[0]?.offset).toBe(7);
});

test.each([
  ["half a file", '{"version":1,"posi'],
  ["an empty file", ""],
  ["another version", '{"version":9,"positions":[]}'],
  ["a position of no file", '{"version":1,"positions":[{"path":1}]}'],
  ["a position below nothing", JSON.stringify({ version: 1, positions: [{ ...saved, offset: -1 }] })],
])("a damaged snapshot (%s) is put aside, and said loudly", async (_what, text) => {
  writeFileSync(join(dir.path, "positions.json"), text);
  expect(await positions().load()).toEqual({ saved: [], isDamaged: true });
  expect(readdirSync(dir.path)).toEqual(["positions.json.damaged-1000"]);
  expect(logs).toEqual([
    {
      level: "error",
      message: "the saved positions are damaged: files are read anew, and entries may come twice",
      fields: { put_aside: join(dir.path, "positions.json.damaged-1000") },
    },
  ]);
  expect(await positions().load()).toBeUndefined();
});
