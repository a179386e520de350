import { readFileSync, renameSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FailedScrape, FailureLog } from "../../../src/engines/scrape/failure-log.ts";
import { type LogLine, recordingLogger } from "../../support/graph-fixtures.ts";
import { tempDir } from "../../support/temp-dir.ts";

function failed(target: string): FailedScrape {
  const timestamp = Date.UTC(2026, 0, 1, 12);
  return { timestamp, target, component: "prometheus.scrape.x", error: 'it said "no"\n' };
}

test("each failed scrape is a line of JSON", async () => {
  using dir = tempDir();
  const path = join(dir.path, "failed.log");
  const log = new FailureLog(appendFile, recordingLogger([]));
  log.add(failed("nobody asked for this"));
  log.use(path);
  log.add(failed("http://a/metrics"));
  await log.close();
  expect(readFileSync(path, "utf8")).toBe(
    '{"time":"2026-01-01T12:00:00.000Z","level":"ERROR","msg":"scrape failed","target":"http://a/metrics",' +
      '"component":"prometheus.scrape.x","error":"it said \\"no\\"\\n"}\n',
  );
});

test("a file that is renamed away is made anew, and one that is there is added to", async () => {
  using dir = tempDir();
  const path = join(dir.path, "failed.log");
  const log = new FailureLog(appendFile, recordingLogger([]));
  const targetsIn = (file: string) => readFileSync(file, "utf8").match(/"target":"[^"]*"/g);
  log.use(path);
  log.add(failed("a"));
  await log.close();
  renameSync(path, `${path}.1`);
  log.add(failed("b"));
  log.add(failed("c"));
  await log.close();
  log.use(`${path}.1`);
  log.add(failed("d"));
  await log.close();
  expect(targetsIn(path)).toEqual(['"target":"b"', '"target":"c"']);
  expect(targetsIn(`${path}.1`)).toEqual(['"target":"a"', '"target":"d"']);
});

test("a file that cannot be written is told of once, and once more when it can be", async () => {
  const lines: LogLine[] = [];
  const written: string[] = [];
  let failure: Error | undefined = new Error("no space left");
  const log = new FailureLog(async (_, text) => {
    if (failure !== undefined) throw failure;
    written.push(text);
  }, recordingLogger(lines));
  log.use("/var/failed.log");
  for (const target of ["a", "b"]) {
    log.add(failed(target));
    await log.close();
  }
  failure = undefined;
  log.add(failed("c"));
  await log.close();
  expect(written.length).toBe(1);
  expect(lines).toEqual([
    {
      level: "warn",
      message: "cannot write scrape_failure_log_file; its lines are lost",
      fields: { path: "/var/failed.log", error: new Error("no space left") },
    },
    { level: "info", message: "scrape_failure_log_file can be written again", fields: { path: "/var/failed.log" } },
  ]);
});

test("lines that come while the disk is busy are written together, and a disk that hangs costs lines, not memory", async () => {
  const written: string[] = [];
  const free = Promise.withResolvers<void>();
  const log = new FailureLog(async (_, text) => {
    await free.promise;
    written.push(text);
  }, recordingLogger([]));
  log.use("/slow");
  for (let count = 0; count < 20_000; count++) log.add(failed("a"));
  free.resolve();
  await log.close();
  expect(written.map((text) => text.split("\n").length - 1)).toEqual([1, 10_000]);
});
