import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { discoveryFile } from "../../../src/components/discovery/file.ts";
import { formatLabels } from "../../../src/signals/labels.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { harness } from "../../support/component-harness.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("files are found beside the config, and an unreadable one makes the component unhealthy until it is mended", async () => {
  using dir = tempDir();
  mkdirSync(join(dir.path, "targets"));
  const file = join(dir.path, "targets/a.yaml");
  /** In one step, so that no look meets half a file. */
  function write(text: string) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  write("- targets: [one:1]\n");
  const sets: string[] = [];
  const output = {
    async receive(groups: unknown) {
      const targets = (groups as readonly TargetGroup[]).flatMap((group) => group.targets);
      sets.push(targets.map(({ labels }) => formatLabels(labels)).join());
    },
  };
  const { running, clock, metrics, logs, health } = harness(discoveryFile, { files: ["targets/*.yaml"] }, output, {
    configDir: dir.path,
    dataDir: join(dir.path, "data"),
  });
  const stop = new AbortController();
  const ended = running.run?.(stop.signal);
  async function until(state: string) {
    while (health().state !== state) await clock.advance(1_000);
  }

  await until("healthy");
  expect(sets).toEqual([`{__address__="one:1", __meta_filepath="${file}"}`]);
  expect(running.debug?.()).toEqual({ targets: 1, sources: [{ source: file, targets: 1 }] });
  expect(metrics.lastSuccess).toBeCloseTo(clock.now() / 1000, -1);
  expect(metrics.readErrors).toBeUndefined();

  write("- targets: [one:1\n");
  await until("unhealthy");
  const failure = expect.stringMatching(new RegExp(`^cannot read ${file}: .* \\(line \\d, column \\d+\\)`));
  expect(health().reason).toEqual(failure);
  expect(health().reason).toMatch(/; the last good targets stay until it is mended$/);
  expect(metrics.readErrors).toBeGreaterThan(0);
  await clock.advance(60_000);
  expect(logs).toEqual([
    { level: "warn", message: "targets cannot be brought up to date, the last good ones stay", fields: { failure } },
  ]);

  write("- targets: [one:1]\n");
  await until("healthy");
  expect(logs.at(-1)).toEqual({ level: "info", message: "targets are up to date again", fields: {} });
  expect(sets).toHaveLength(1);
  stop.abort();
  await ended;
});

test("only paths that Prometheus would take are taken", () => {
  function f(file: string, want: boolean) {
    expect(discoveryFile.config.safeParse({ files: [file] }).success, file).toBe(want);
  }
  f("a.json", true);
  f("/etc/a.yml", true);
  f("a*.YAML", true);
  f("dir/*.json", true);
  f("*/a.json", false);
  f("a.txt", false);
  f("a.Json", false);
  f("a", false);
});
