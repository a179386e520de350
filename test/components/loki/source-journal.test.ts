import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lokiSourceJournalOf } from "../../../src/components/loki/source-journal.ts";
import { fakeJournalctl, journalEntry } from "../../support/fake-journalctl.ts";
import { logBatch } from "../../support/log-batches.ts";
import { runLogSource, savedPositions } from "../../support/log-source.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

/** The component at work, with the journalctl of that folder. */
function reading(journalctl: { readonly path: string }, config: object = {}, dataDir?: string) {
  return runLogSource(
    lokiSourceJournalOf(() => journalctl.path),
    config,
    dataDir,
  );
}

const nanoseconds = (second: number) => (BigInt(Date.UTC(2026, 0, 1)) + BigInt(second) * 1000n) * 1_000_000n;
/** What journalctl shows of an entry. */
const shown = (n: number) => `Jan 01 00:00:0${n} vm web[7]: a message\n-- cursor: i=${n}\n`;
const message = (n: number, text: string) => journalEntry(n, ["MESSAGE", text], ["PRIORITY", "4"]);
test("fields are labels for the rules and then gone, and an entry has the time at which the journal got it", async () => {
  using journalctl = fakeJournalctl();
  const rules = [
    { source_labels: ["__journal__systemd_unit"], target_label: "unit" },
    { source_labels: ["__journal_priority_keyword"], target_label: "level" },
    { source_labels: ["__journal_priority"], target_label: "priority" },
    { source_labels: ["unit"], regex: "noise.service", action: "drop" },
    { source_labels: ["unit"], regex: "(db).*", target_label: "__tenant_id__" },
  ];
  journalctl.write(
    journalEntry(1, ["MESSAGE", "one"], ["PRIORITY", "4"], ["_SYSTEMD_UNIT", "web.service"]),
    journalEntry(2, ["MESSAGE", "two"], ["PRIORITY", "9"], ["_SYSTEMD_UNIT", "db.service"]),
    journalEntry(3, ["MESSAGE", "three\nlines\n"], ["PRIORITY", "4"], ["_SYSTEMD_UNIT", "web.service"]),
    journalEntry(4, ["MESSAGE", "four"], ["_SYSTEMD_UNIT", "noise.service"]),
    journalEntry(5, ["_SYSTEMD_UNIT", "web.service"]),
  );
  await using source = reading(journalctl, { relabel_rules: rules, labels: { env: "prod" } });
  await source.lines(3);
  const common = { env: "prod", job: "loki.source.journal.test" };
  expect(source.recorder.batches).toEqual([
    logBatch(
      { ...common, unit: "web.service", level: "warning", priority: "4" },
      ["one", "three\nlines\n"],
      [nanoseconds(1), nanoseconds(3)],
    ),
    logBatch(
      { ...common, unit: "db.service", level: "9", priority: "9", __tenant_id__: "db" },
      ["two"],
      [nanoseconds(2)],
    ),
  ]);
  await source.stop();
  expect(source.metrics).toEqual({
    lines: 3,
    'errors{error="no_message"}': 1,
    'errors{error="empty_labels"}': 1,
  });
});

test("with format_as_json a line is all fields by name, with or without a message", async () => {
  using journalctl = fakeJournalctl();
  journalctl.write(journalEntry(1, ["UNIT", 'say "hi"'], ["_PID", "1"], ["CODE_LINE", "7"]));
  await using source = reading(journalctl, { format_as_json: true, labels: { job: "journal" } });
  await source.lines(1);
  expect(source.recorder.batches).toEqual([
    logBatch({ job: "journal" }, ['{"CODE_LINE":"7","UNIT":"say \\"hi\\"","_PID":"1"}'], [nanoseconds(1)]),
  ]);
});

test("journalctl is asked for the entries of max_age that match, in the folder that is given", async () => {
  using journalctl = fakeJournalctl();
  journalctl.write(message(1, "one"));
  await using source = reading(journalctl, {
    path: "journal",
    max_age: "1h",
    matches: "_SYSTEMD_UNIT=a.service PRIORITY=3 + _UID=0",
  });
  await source.lines(1);
  const since = Date.UTC(2025, 11, 31, 23) / 1000;
  expect(journalctl.calls()).toEqual([
    "--no-pager --directory=/nowhere/journal --output=short --show-cursor --lines=1",
    `--no-pager --directory=/nowhere/journal --output=export --follow --no-tail --since=@${since}.000 -- ` +
      "_SYSTEMD_UNIT=a.service PRIORITY=3 + _UID=0",
  ]);
});

test("after a stop it goes on behind the entry that was delivered last", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  journalctl.write(message(1, "one"), message(2, "two"));
  await using first = reading(journalctl, {}, data.path);
  await first.lines(2);
  await first.stop();
  expect(savedPositions(data.path)).toBe('{"version":1,"positions":{"journal":"i=2"}}\n');

  journalctl.probe({ stdout: shown(2) });
  journalctl.clear();
  journalctl.write(message(2, "two"), message(3, "three"));
  await using second = reading(journalctl, {}, data.path);
  await second.lines(1);
  expect(second.recorder.lines).toEqual(["three"]);
  expect(journalctl.calls().slice(-2)).toEqual([
    "--no-pager --output=short --show-cursor --lines=1 --cursor=i=2",
    "--no-pager --output=export --follow --no-tail --cursor=i=2 --",
  ]);
});

test("where there is no position yet it goes on behind the entry that promtail read last", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  const file = join(data.path, "positions.yaml");
  writeFileSync(file, "positions:\n  cursor-journal: i=2\n");
  journalctl.probe({ stdout: shown(2) });
  journalctl.write(message(2, "two"), message(3, "three"));
  const legacy_position = { file, name: "journal" };
  await using first = reading(journalctl, { legacy_position }, data.path);
  await first.lines(1);
  await first.stop();
  expect(first.recorder.lines).toEqual(["three"]);

  journalctl.clear();
  writeFileSync(file, "positions:\n  cursor-journal: i=9\n");
  journalctl.probe({ stdout: shown(3) });
  journalctl.write(message(3, "three"), message(4, "four"));
  await using second = reading(journalctl, { legacy_position }, data.path);
  await second.lines(1);
  await second.stop();
  expect(second.recorder.lines).toEqual(["four"]);
});

test.each([
  ["a file that is not there", undefined, "positions of the former agent cannot be read"],
  ["no journal of the name", "positions: {}\n", "the positions of the former agent have no journal of this name"],
])("with %s for a legacy position it begins at max_age, and says so", async (_, text, said) => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  const file = join(data.path, "positions.yaml");
  if (text !== undefined) writeFileSync(file, text);
  journalctl.write(message(1, "one"));
  await using source = reading(journalctl, { legacy_position: { file, name: "journal" } }, data.path);
  await source.lines(1);
  expect(source.recorder.lines).toEqual(["one"]);
  expect(source.logs.map(({ message }) => message)).toContain(said);
});

test("an entry that the matches leave out of what is read is not taken for the one that was delivered last", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  writeFileSync(join(data.path, "positions.json"), '{"version":1,"positions":{"journal":"i=2"}}');
  journalctl.probe({ stdout: shown(2) });
  journalctl.write(message(4, "four"));
  await using source = reading(journalctl, { matches: "_UID=0" }, data.path);
  await source.lines(1);
  expect(source.recorder.lines).toEqual(["four"]);
});

test.each([
  ["another entry comes first", { stdout: shown(7) }],
  ["nothing comes", { code: 1, stdout: "-- No entries --\n" }],
  ["journalctl cannot read the cursor", { code: 1, stderr: "Failed to seek to cursor: Invalid argument\n" }],
])("a position that the journal does not know counts as none, and is counted: %s", async (_, probed) => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  writeFileSync(join(data.path, "positions.json"), '{"version":1,"positions":{"journal":"i=2"}}');
  journalctl.probe(probed);
  journalctl.write(message(7, "seven"));
  await using source = reading(journalctl, {}, data.path);
  await source.lines(1);
  expect(source.recorder.lines).toEqual(["seven"]);
  expect(journalctl.calls().at(-1)).toMatch(/ --since=@[0-9.]+ --$/);
  expect(source.metrics.cursorsLost).toBe(1);
  expect(source.logs).toEqual([
    {
      level: "warn",
      message: "the journal no longer has the entry that was read last; beginning at max_age",
      fields: { cursor: "i=2" },
    },
  ]);
});

test("a position is saved while it runs, but only once the receivers have had the time to make it durable", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  await using source = reading(journalctl, {}, data.path);
  journalctl.write(message(1, "one"));
  await source.lines(1);
  await turnsUntil(() => source.metrics.lines === 1);
  await source.clock.advance(4000);
  journalctl.write(message(2, "two"));
  await source.lines(2);
  await turnsUntil(() => source.metrics.lines === 2);
  await source.clock.advance(1000);
  await turnsUntil(() => savedPositions(data.path).includes("i="));
  expect(savedPositions(data.path)).toBe('{"version":1,"positions":{"journal":"i=1"}}\n');
  while (!savedPositions(data.path).includes("i=2")) await source.clock.advance(100);
});

test("while the receivers take nothing, the journal is read for a few MiB and no further, and no position moves", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  await using source = reading(journalctl, {}, data.path);
  const { promise, resolve } = Promise.withResolvers<void>();
  let offered = 0;
  source.answer = async (batch) => {
    offered += batch.lines.length;
    await source.recorder.receive(batch);
    await promise;
  };
  journalctl.write(...Array.from({ length: 1000 }, (_, n) => message(n + 1, "x".repeat(10_000))));
  await source.until(() => offered > 400);
  await source.clock.advance(60_000);
  expect(offered).toBeLessThan(440);
  expect(source.running.debug?.()).toEqual({ cursor: null });
  expect(savedPositions(data.path)).toBe("");
  resolve();
  await source.lines(1000);
  await turnsUntil(() => source.metrics.lines === 1000);
  await source.stop();
  expect(savedPositions(data.path)).toContain("i=1000");
});

test("what a receiver refuses is sent to it again", async () => {
  using journalctl = fakeJournalctl();
  await using source = reading(journalctl);
  let refusals = 0;
  source.answer = () => Promise.reject(new Error(`no room ${++refusals}`));
  journalctl.write(message(1, "one"));
  await source.until(() => refusals === 1);
  await turnsUntil(() => source.logs.length === 1);
  source.answer = (batch) => source.recorder.receive(batch);
  await source.clock.advance(1000);
  expect(source.recorder.lines).toEqual(["one"]);
  expect(source.logs).toEqual([
    {
      level: "warn",
      message: "entries were not taken; sending them again",
      fields: { error: new Error("no room 1") },
    },
  ]);
});

test("a stop does not wait for receivers that take nothing, and the entries are read again at the next start", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  await using source = reading(journalctl, {}, data.path);
  journalctl.write(message(1, "one"));
  await source.lines(1);
  await turnsUntil(() => source.metrics.lines === 1);
  let isOffered = false;
  source.answer = () => {
    isOffered = true;
    return new Promise(() => {});
  };
  journalctl.write(message(2, "two"));
  await source.until(() => isOffered);
  const stopped = source.stop();
  await source.clock.advance(2000);
  await stopped;
  expect(savedPositions(data.path)).toBe('{"version":1,"positions":{"journal":"i=1"}}\n');
});

test("a journalctl that ends is started again, behind the entry that was delivered last", async () => {
  using journalctl = fakeJournalctl();
  await using source = reading(journalctl);
  journalctl.write(message(1, "one"));
  await source.lines(1);
  expect(source.health()).toEqual({ state: "healthy" });
  journalctl.probe({ stdout: shown(1) });
  process.kill(journalctl.pid());
  await source.state("unhealthy");
  expect(source.health().reason).toBe("journalctl ended with SIGTERM: it said nothing; trying again in 1s");
  journalctl.write(message(2, "two"));
  await source.clock.advance(1000);
  await source.lines(2);
  expect(source.recorder.lines).toEqual(["one", "two"]);
  expect(source.health()).toEqual({ state: "healthy" });
});

test("one that ends again and again is started ever later, and says why", async () => {
  using journalctl = fakeJournalctl();
  journalctl.follow({ code: 1, stderr: "Failed to open files: Too many open files\n" });
  await using source = reading(journalctl);
  for (const seconds of [1, 2, 4]) {
    const reason = `journalctl ended with 1: Failed to open files: Too many open files; trying again in ${seconds}s`;
    await source.until(() => source.health().reason === reason);
    await source.clock.advance(seconds * 1000);
  }
});

test("the log says once what is wrong, and once that it is over", async () => {
  using journalctl = fakeJournalctl();
  journalctl.probe({ code: 1, stderr: "Failed to open files: Too many open files\n" });
  await using source = reading(journalctl);
  for (const seconds of [1, 2]) {
    await source.until(() => source.health().reason?.endsWith(`trying again in ${seconds}s`) ?? false);
    await source.clock.advance(seconds * 1000);
  }
  await source.until(() => source.health().reason?.endsWith("trying again in 4s") ?? false);
  journalctl.probe({});
  journalctl.write(message(1, "one"));
  await source.clock.advance(4000);
  await source.lines(1);
  await turnsUntil(() => source.health().state === "healthy");
  expect(source.logs).toEqual([
    {
      level: "warn",
      message: "the journal cannot be read",
      fields: { reason: "journalctl ended with 1: Failed to open files: Too many open files" },
    },
    { level: "info", message: "the journal can be read again", fields: {} },
  ]);
});

test("output that is no export ends journalctl, and is the reason", async () => {
  using journalctl = fakeJournalctl();
  journalctl.write(Buffer.from("__REALTIME_TIMESTAMP=today\n"));
  await using source = reading(journalctl);
  await source.state("unhealthy");
  expect(source.health().reason).toBe('__REALTIME_TIMESTAMP is "today"; trying again in 1s');
});

const hint = `Hint: You are currently not seeing messages from other users and the system.
      Users in groups 'adm', 'systemd-journal' can see all messages.
      Pass -q to turn off this notice.
`;
const { username: user } = userInfo();
const remedy = `add the user to the group systemd-journal: usermod -aG systemd-journal ${user}, then restart sonde`;

test("a journal of which only a part can be read is read, and the component says how to read all of it", async () => {
  using journalctl = fakeJournalctl();
  journalctl.probe({ stderr: hint });
  journalctl.write(message(1, "mine"));
  await using source = reading(journalctl);
  await source.lines(1);
  expect(source.health()).toEqual({
    state: "unhealthy",
    reason: `${user} may not read all of the journal; ${remedy}`,
  });
});

test.each([
  [
    "may not be read",
    { code: 1, stderr: `${hint}No journal files were opened due to insufficient permissions.\n` },
    `${user} may not read all of the journal in /j; ${remedy}`,
  ],
  [
    "is empty",
    { code: 1, stdout: "-- No entries --\n", stderr: "No journal files were found.\n" },
    "there is no journal in /j: is systemd-journald running, and path right?",
  ],
  [
    "is not there",
    { code: 1, stderr: "Failed to open /j: No such file or directory\n" },
    "journalctl ended with 1: Failed to open /j: No such file or directory",
  ],
])("a journal that %s is asked for again, and the component says what to do", async (_, probed, reason) => {
  using journalctl = fakeJournalctl();
  journalctl.probe(probed);
  await using source = reading(journalctl, { path: "/j" });
  await source.state("unhealthy");
  expect(source.health().reason).toBe(`${reason}; trying again in 1s`);
  journalctl.probe({});
  await source.clock.advance(1000);
  await turnsUntil(() => journalctl.calls().length === 3);
  // There is no entry that would show that it works.
  await source.clock.advance(5000);
  expect(source.health()).toEqual({ state: "healthy" });
});

test("without journalctl the component says what it needs", async () => {
  using empty = tempDir();
  await using source = reading(empty);
  await source.state("unhealthy");
  expect(source.health().reason).toBe(
    "there is no program journalctl on the PATH; the journal is read by it: install systemd, or remove this component; " +
      "trying again in 1s",
  );
});

test("saved positions that are damaged count as none, and the log says so", async () => {
  using journalctl = fakeJournalctl();
  using data = tempDir();
  writeFileSync(join(data.path, "positions.json"), '{"version":1,"posi');
  journalctl.write(message(1, "one"));
  await using source = reading(journalctl, {}, data.path);
  await source.lines(1);
  expect(source.logs).toMatchObject([
    { level: "error", message: "the saved positions cannot be read; beginning without them" },
  ]);
  await source.stop();
  expect(savedPositions(data.path)).toBe('{"version":1,"positions":{"journal":"i=1"}}\n');
});

test.each(["unit=a", "--file=x", "A=b /usr/bin/x", "_PID"])("matches cannot be %s", (matches) => {
  const { config } = lokiSourceJournalOf(() => "");
  expect(config.safeParse({ matches }).error?.issues[0]?.message).toMatch(
    /^".*" is no match; write FIELD=value, or \+ between two of them$/,
  );
});
