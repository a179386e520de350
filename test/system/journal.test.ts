import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { lokiSourceJournal } from "../../src/components/loki/source-journal.ts";
import { runLogSource, savedPositions } from "../support/log-source.ts";
import { runProcess } from "../support/process.ts";
import { tempDir } from "../support/temp-dir.ts";

/** A folder of the journal. `first` has entries 1 to 6, `second` 7 to 9; systemd-journal-remote 252 wrote them. */
function journalFolder(...names: readonly ("first" | "second")[]) {
  const dir = tempDir();
  function add(name: "first" | "second"): void {
    const packed = readFileSync(join(import.meta.dirname, `../fixtures/journal/${name}.journal.gz`));
    writeFileSync(join(dir.path, `${name}.new`), gunzipSync(packed));
    renameSync(join(dir.path, `${name}.new`), join(dir.path, `${name}.journal`));
  }
  for (const name of names) add(name);
  return { path: dir.path, add, [Symbol.dispose]: () => dir.remove() };
}

const lines = ["line 1", "line 2", "a traceback\n  of two lines", "bytes \0\ufffd\x1b[0m", "line 5", "line 6"];

/** Where there is no systemd the tests are skipped; in CI that is a failure instead. */
async function describeWithJournalctl(name: string, tests: () => void) {
  const isThere = await runProcess("journalctl", ["--version"]).then(
    ({ code }) => code === 0,
    () => false,
  );
  if (isThere) return describe(name, tests);
  if (process.env.CI) throw new Error("journalctl is needed");
  return describe.skip(name, tests);
}

await describeWithJournalctl("with the real journalctl", () => {
  test("a journal is read to its end, and what comes later is read when it comes", async () => {
    using journal = journalFolder("first");
    await using source = runLogSource(lokiSourceJournal, { path: journal.path });
    await source.lines(6);
    journal.add("second");
    await source.lines(9);
    expect(source.recorder.lines).toEqual([...lines, "line 7", "line 8", "line 9"]);
    expect(source.health()).toEqual({ state: "healthy" });
  });

  test("a stop and a start repeat nothing and leave nothing out, also where the matches have changed", async () => {
    using journal = journalFolder("first");
    using data = tempDir();
    const first = runLogSource(
      lokiSourceJournal,
      { path: journal.path, matches: "PRIORITY=3 + PRIORITY=4" },
      data.path,
    );
    await first.lines(2);
    await first.stop();
    expect(savedPositions(data.path)).toMatch(/"journal":"s=[0-9a-f]{32};i=4;/);

    journal.add("second");
    const matches = "_SYSTEMD_UNIT=db.service";
    await using second = runLogSource(lokiSourceJournal, { path: journal.path, matches }, data.path);
    await second.lines(3);
    expect(first.recorder.lines).toEqual(lines.slice(2, 4));
    expect(second.recorder.lines).toEqual(["line 5", "line 7", "line 9"]);
    expect(second.metrics.cursorsLost).toBeUndefined();
  });

  test("a journal that is another one than before is read from max_age on", async () => {
    using journal = journalFolder("first");
    using other = journalFolder("second");
    using data = tempDir();
    await using first = runLogSource(lokiSourceJournal, { path: journal.path }, data.path);
    await first.lines(6);
    await first.stop();
    await using second = runLogSource(lokiSourceJournal, { path: other.path }, data.path);
    await second.lines(3);
    expect(second.recorder.lines).toEqual(["line 7", "line 8", "line 9"]);
    expect(second.metrics.cursorsLost).toBe(1);
  });

  test("a position that is no cursor at all is a lost one", async () => {
    using journal = journalFolder("first");
    using data = tempDir();
    writeFileSync(join(data.path, "positions.json"), '{"version":1,"positions":{"journal":"garbage"}}');
    await using source = runLogSource(lokiSourceJournal, { path: journal.path }, data.path);
    await source.lines(6);
    expect(source.metrics.cursorsLost).toBe(1);
  });

  test("a folder without a journal is a problem until there is one", async () => {
    using journal = journalFolder();
    await using source = runLogSource(lokiSourceJournal, { path: journal.path });
    await source.state("unhealthy");
    expect(source.health().reason).toBe(
      `there is no journal in ${journal.path}: is systemd-journald running, and path right?; trying again in 1s`,
    );
    journal.add("first");
    await source.clock.advance(1000);
    await source.lines(6);
    expect(source.health()).toEqual({ state: "healthy" });
  });
});
