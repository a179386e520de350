import { expect, test } from "vitest";
import { Positions } from "../../../src/engines/logs/positions.ts";
import { readSmallFile } from "../../../src/lib/disk.ts";
import { FaultyDisk } from "../../support/disk-faulty.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";

/** Positions that are being saved, on a disk in memory. */
function saving() {
  const disk = new FaultyDisk(new ModelDisk());
  const clock = new FakeClock();
  const logs: LogLine[] = [];
  const positions = new Positions({ disk, folder: "/data", clock, log: recordingLogger(logs) });
  const stopping = new AbortController();
  const done = positions.run(stopping.signal);
  return {
    positions,
    disk,
    clock,
    logs,
    async saved(): Promise<unknown> {
      const bytes = await readSmallFile(disk, "/data/positions.json", 1000);
      return bytes && JSON.parse(bytes.toString()).positions;
    },
    async stop() {
      stopping.abort();
      await done;
      await positions.close();
    },
  };
}

test("a position is saved once it is two seconds old, and it is the newest that is", async () => {
  const { positions, clock, saved, stop } = saving();
  await clock.advance(2000);
  positions.acked("a", "1");
  await clock.advance(500);
  positions.acked("a", "2");
  await clock.advance(2000);
  positions.acked("a", "3");
  expect(await saved()).toBeUndefined();
  await clock.advance(500);
  expect(await saved()).toEqual({ a: "1" });
  expect(positions.get("a")).toBe("3");
  await clock.advance(5000);
  expect(await saved()).toEqual({ a: "3" });
  positions.acked("b", "4");
  await stop();
  expect(await saved()).toEqual({ a: "3", b: "4" });
});

test("what is forgotten is saved no more", async () => {
  const { positions, saved, stop } = saving();
  positions.acked("a", "1");
  positions.acked("b", "1");
  positions.forget("a");
  await stop();
  expect(await saved()).toEqual({ b: "1" });
  expect(positions.keys()).toEqual(["b"]);
});

test("a disk that takes nothing is the log's, and what could not be saved is saved later", async () => {
  const { positions, disk, clock, logs, saved, stop } = saving();
  positions.acked("a", "1");
  disk.fault = (call) => (call === "create" ? "ENOSPC" : undefined);
  await clock.advance(5000);
  expect(logs).toMatchObject([
    { level: "warn", message: "the positions cannot be saved; after a crash entries will be read again" },
  ]);
  disk.fault = () => undefined;
  await clock.advance(5000);
  expect(await saved()).toEqual({ a: "1" });
  await stop();
});

test.each(["[]", '{"version":2,"positions":{}}', '{"version":1,"positions":{"a":1}}', "{"])(
  "a file that is not ours counts as none: %s",
  async (text) => {
    const { positions, disk, logs, stop } = saving();
    const file = await disk.open("/data/positions.json", "create");
    await file.write([Buffer.from(text)], 0);
    await file.close();
    await positions.load();
    expect(positions.keys()).toEqual([]);
    expect(logs).toMatchObject([
      { level: "error", message: "the saved positions cannot be read; beginning without them" },
    ]);
    await stop();
  },
);
