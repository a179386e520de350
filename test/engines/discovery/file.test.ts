import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Discovery } from "../../../src/engines/discovery/discovery.ts";
import { FileSearch } from "../../../src/engines/discovery/file.ts";
import type { Polling } from "../../../src/engines/discovery/search.ts";
import { describeError } from "../../../src/lib/errors.ts";
import { formatLabels } from "../../../src/signals/labels.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { discoverySurroundings } from "../../support/discovery.ts";
import { ModelDisk } from "../../support/disk-model.ts";
import { tempDir } from "../../support/temp-dir.ts";

let dir: ReturnType<typeof tempDir>;
let discovery: TestDiscovery;

beforeEach(() => {
  dir = tempDir();
});

afterEach(async () => {
  await discovery.end();
  dir.remove();
});

const refreshIntervalMs = 300_000;

/** A discovery at work on the temp folder, and what came out of it. */
class TestDiscovery {
  readonly sets: string[][] = [];
  failures: readonly string[] = [];
  looks = 0;
  readonly #stop = new AbortController();
  readonly #surroundings = discoverySurroundings((groups) => this.sets.push(show(groups)));
  readonly #ended: Promise<void>;

  constructor(...patterns: string[]) {
    const search = new FileSearch({
      patterns: patterns.map((pattern) => join(dir.path, pattern)),
      refreshIntervalMs,
      clock: this.clock,
      onReadError: () => {},
    });
    const seen: Polling = {
      refreshIntervalMs: search.refreshIntervalMs,
      hints: (hint) => search.hints(hint),
      refresh: async (stop, known) => {
        const found = await search.refresh(stop, known);
        this.failures = [...new Set([...(found.failures?.values() ?? [])].map(describeError))];
        this.looks++;
        return found;
      },
    };
    const options = { emptyGrace: 2, identity: "", disk: new ModelDisk() };
    this.#ended = new Discovery(seen, options, this.#surroundings).run(this.#stop.signal);
  }

  get clock() {
    return this.#surroundings.world.clock;
  }

  /** Turns the clock, while the discovery sleeps, until it is so; not so far that all files are read anyway. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.clock.pending === 0) await turn();
      else await this.clock.advance(1_000);
      expect(this.clock.monotonic()).toBeLessThan(refreshIntervalMs);
    }
  }

  /** Until it was looked several times: a look that was under way has ended, and another has begun and ended. */
  async looksOn(): Promise<void> {
    const want = this.looks + 3;
    await this.until(() => this.looks >= want);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    expect(this.clock.pending).toBe(0);
    // A watcher is gone a turn after it was closed.
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(process.getActiveResourcesInfo()).not.toContain("FSEventWrap");
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `a.json {…}`: the source and the labels, without the folder's name. */
function show(groups: readonly TargetGroup[]): string[] {
  return groups.flatMap(({ source, targets }) =>
    targets.map(({ labels }) => `${source} ${formatLabels(labels)}`.replaceAll(`${dir.path}/`, "")),
  );
}

/** In one step, so that no look meets half a file. */
function write(name: string, text: string): void {
  writeFileSync(join(dir.path, ".writing"), text);
  renameSync(join(dir.path, ".writing"), join(dir.path, name));
}

const one = '[{"targets": ["one:1"]}]';
const shownOne = (file: string) => `${file} {__address__="one:1", __meta_filepath="${file}"}`;

test("YAML and JSON files become groups, one source per file", async () => {
  write("b.json", '[{"targets": ["one:1", "two:2"], "labels": {"env": "prod"}}, {"targets": ["three:3"]}]');
  write("a.yml", "- targets: ['four:4']\n  labels: {version: 1.10, old: no, empty: ''}\n");
  discovery = new TestDiscovery("*.json", "a.yml");
  await discovery.until(() => discovery.sets.length > 0);
  expect(discovery.sets).toEqual([
    [
      'a.yml {__address__="four:4", __meta_filepath="a.yml", old="no", version="1.10"}',
      'b.json {__address__="one:1", __meta_filepath="b.json", env="prod"}',
      'b.json {__address__="two:2", __meta_filepath="b.json", env="prod"}',
      'b.json {__address__="three:3", __meta_filepath="b.json"}',
    ],
  ]);
});

test("an empty set is published first where there is no file, and files are found when they come", async () => {
  discovery = new TestDiscovery("targets/*.json");
  await discovery.until(() => discovery.sets.length > 0);
  expect(discovery.sets).toEqual([[]]);
  expect(discovery.failures).toEqual([]);
  mkdirSync(join(dir.path, "targets"));
  write("targets/new.json", one);
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual([shownOne("targets/new.json")]);
});

test("a set that did not change is not published again", async () => {
  write("a.json", one);
  discovery = new TestDiscovery("*.json");
  await discovery.looksOn();
  utimesSync(join(dir.path, "a.json"), 1, 1);
  await discovery.looksOn();
  write("a.json", `${one}\n`);
  await discovery.looksOn();
  expect(discovery.sets).toEqual([[shownOne("a.json")]]);
});

test("a file that replaces another by rename is read", async () => {
  write("a.json", one);
  discovery = new TestDiscovery("*.json");
  await discovery.until(() => discovery.sets.length > 0);
  write("a.json", '[{"targets": ["two:2"]}]');
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual(['a.json {__address__="two:2", __meta_filepath="a.json"}']);
});

test("a link that is turned to another file is followed", async () => {
  write("first", one);
  write("second", "[]");
  symlinkSync("first", join(dir.path, "a.json"));
  discovery = new TestDiscovery("*.json");
  await discovery.until(() => discovery.sets.length > 0);
  symlinkSync("second", join(dir.path, "new"));
  renameSync(join(dir.path, "new"), join(dir.path, "a.json"));
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets).toEqual([[shownOne("a.json")], []]);
});

test("a broken file keeps its last good targets and says what is wrong, others go on", async () => {
  write("a.json", one);
  write("b.yaml", "- targets: ['b:1']\n");
  discovery = new TestDiscovery("*.json", "*.yaml");
  await discovery.until(() => discovery.sets.length > 0);
  write("a.json", '[{"targets": [');
  await discovery.until(() => discovery.failures.length > 0);
  expect(discovery.failures).toEqual([`cannot read ${dir.path}/a.json: Unexpected end of JSON input`]);
  write("b.yaml", "- targets: ['b:2']\n");
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual([shownOne("a.json"), 'b.yaml {__address__="b:2", __meta_filepath="b.yaml"}']);
  write("a.json", one);
  await discovery.until(() => discovery.failures.length === 0);
  expect(discovery.sets).toHaveLength(2);
});

test("a mistake in YAML is told with its place", async () => {
  write("a.yaml", "- targets:\n\t- x\n");
  discovery = new TestDiscovery("*.yaml");
  await discovery.until(() => discovery.looks > 0);
  expect(discovery.failures).toEqual([
    `cannot read ${dir.path}/a.yaml: a tab indents this line; YAML wants spaces (line 2, column 1)`,
  ]);
  write("a.yaml", "- target: [x]\n");
  await discovery.until(() => discovery.failures[0]?.includes("group") === true);
  expect(discovery.failures).toEqual([
    `cannot read ${dir.path}/a.yaml: group 1: unknown key "target"; a group has targets and labels`,
  ]);
});

test("a file that was broken from the start has no targets until it is mended", async () => {
  write("a.json", "");
  discovery = new TestDiscovery("*.json");
  await discovery.looksOn();
  expect(discovery.sets).toEqual([]);
  write("a.json", one);
  await discovery.until(() => discovery.sets.length > 0);
  expect(discovery.sets).toEqual([[shownOne("a.json")]]);
});

test("a file that is gone takes its targets along after the grace, even if it was broken", async () => {
  write("a.json", one);
  write("b.json", one);
  discovery = new TestDiscovery("*.json");
  await discovery.until(() => discovery.sets.length > 0);
  write("a.json", "{");
  await discovery.until(() => discovery.failures.length > 0);
  rmSync(join(dir.path, "a.json"));
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual([shownOne("b.json")]);
  expect(discovery.failures).toEqual([]);
});

test("a folder that can no longer be listed keeps its files", async () => {
  mkdirSync(join(dir.path, "targets"));
  write("targets/a.json", one);
  discovery = new TestDiscovery("targets/*.json");
  await discovery.until(() => discovery.sets.length > 0);
  renameSync(join(dir.path, "targets"), join(dir.path, "moved"));
  write("targets", "not a folder");
  await discovery.until(() => discovery.failures.length > 0);
  await discovery.looksOn();
  expect(discovery.failures[0]).toContain(`cannot list ${dir.path}/targets: ENOTDIR`);
  expect(discovery.sets).toEqual([[shownOne("targets/a.json")]]);
});

test("a change is seen at once where the system tells of it, long before the next look is due", async () => {
  discovery = new TestDiscovery("*.json");
  await discovery.until(() => discovery.sets.length > 0);
  // Until the export that rests after the first set, and the patience of the start, are over.
  while (discovery.clock.pending !== 1) {
    if (discovery.clock.pending === 0) await turn();
    else await discovery.clock.advance(1_000);
  }
  write("a.json", one);
  // The look that is due, and the hint that has come.
  while (discovery.clock.pending < 2) await turn();
  await discovery.clock.advance(250);
  while (discovery.sets.length < 2) await turn();
  expect(discovery.sets[1]).toEqual([shownOne("a.json")]);
});

test("a file that an editor writes in place is read when it is whole again", async () => {
  write("a.json", one);
  discovery = new TestDiscovery("*.json");
  await discovery.until(() => discovery.sets.length > 0);
  // Truncated, then half of it, then all.
  const text = '[{"targets": ["two:2"]}]';
  writeFileSync(join(dir.path, "a.json"), "");
  await discovery.looksOn();
  writeFileSync(join(dir.path, "a.json"), text.slice(0, 12));
  await discovery.looksOn();
  expect(discovery.sets).toEqual([[shownOne("a.json")]]);
  writeFileSync(join(dir.path, "a.json"), text);
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual(['a.json {__address__="two:2", __meta_filepath="a.json"}']);
});

test("YAML that is empty for a moment keeps its targets, and loses them when it stays so", async () => {
  write("a.yaml", "- targets: ['one:1']\n");
  discovery = new TestDiscovery("*.yaml");
  await discovery.until(() => discovery.sets.length > 0);
  write("a.yaml", "");
  const looks = discovery.looks;
  await discovery.until(() => discovery.looks > looks);
  write("a.yaml", "- targets: ['one:1']\n");
  await discovery.looksOn();
  expect(discovery.sets).toHaveLength(1);
  write("a.yaml", "");
  await discovery.until(() => discovery.sets.length > 1);
  expect(discovery.sets[1]).toEqual([]);
});

test("ten thousand targets, of one file or of a thousand, come at once and are not handed on again", async () => {
  const addresses = Array.from({ length: 10_000 }, (_, n) => `host-${n}:9100`);
  const groups = Array.from({ length: 1_000 }, (_, n) => ({ targets: addresses.slice(n * 10, n * 10 + 10) }));
  write("all.json", JSON.stringify(groups));
  write("all.yaml", groups.map(({ targets }) => `- targets: [${targets.join(", ")}]\n`).join(""));
  for (const [n, group] of groups.entries()) write(`part-${n}.json`, JSON.stringify([group]));
  discovery = new TestDiscovery("all.json", "all.yaml", "part-*.json");
  await discovery.until(() => discovery.sets.length > 0);
  expect(discovery.sets[0]).toHaveLength(30_000);
  await discovery.looksOn();
  expect(discovery.sets).toHaveLength(1);
});
