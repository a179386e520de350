import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError } from "../../../src/component.ts";
import { localFileMatch } from "../../../src/components/local/file-match.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import type { TargetGroup } from "../../../src/signals/targets.ts";
import { harness } from "../../support/component-harness.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("files that come and go become targets, and a set that did not change is not handed on again", async () => {
  using dir = tempDir();
  const sets: string[][] = [];
  let isRefused = false;
  const output = {
    async receive(groups: unknown) {
      if (isRefused) throw new Error("refused");
      const targets = (groups as readonly TargetGroup[]).flatMap((group) => group.targets);
      sets.push(targets.map(({ labels }) => formatLabels(labels).replaceAll(`${dir.path}/`, "")));
    },
  };
  mkdirSync(join(dir.path, "x.log"));
  writeFileSync(join(dir.path, "a.log"), "");
  writeFileSync(join(dir.path, "debug.log"), "");
  writeFileSync(join(dir.path, "old.log"), "");
  utimesSync(join(dir.path, "old.log"), 1, 1);
  const config = {
    path_targets: [{ __path__: "*.log", __path_exclude__: "debug*", job: "test" }],
    ignore_older_than: "1h",
  };
  const options = { configDir: dir.path };
  const { running, clock, metrics, health, logs } = harness(localFileMatch, config, output, options);
  const stop = new AbortController();
  const ended = running.run?.(stop.signal);
  const turnUntil = async (isReached: () => boolean) => {
    while (!isReached()) {
      if (clock.pending > 0) await clock.advance(10_000);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await turnUntil(() => sets.length === 1 && clock.pending > 0);
  expect(sets[0]).toEqual(['{__path__="a.log", job="test"}']);
  expect(health()).toEqual({ state: "healthy" });
  expect(metrics.files).toBe(1);
  expect(running.debug?.()).toEqual({ files: 1, patterns: [{ pattern: join(dir.path, "*.log"), files: 1 }] });

  writeFileSync(join(dir.path, "b.txt"), "");
  const target = { labels: labelsFrom({ __path__: "*.txt", pod: "x" }) };
  await running.input?.receive([{ source: "test", targets: [target, { labels: [] }] }]);
  expect(sets[1]).toEqual(['{__path__="a.log", job="test"}', '{__path__="b.txt", pod="x"}']);

  isRefused = true;
  rmSync(join(dir.path, "a.log"));
  await turnUntil(() => logs.length > 0);
  expect(logs[0]?.message).toBe("a receiver does not take the files");
  isRefused = false;
  await turnUntil(() => sets.length === 3);
  expect(sets[2]).toEqual(['{__path__="b.txt", pod="x"}']);
  stop.abort();
  await ended;
  expect(sets).toHaveLength(3);
});

test("a label set without a path, or with a broken one, is the user's mistake", () => {
  const create = (path_targets: object[]) => () => {
    harness(localFileMatch, { path_targets }, { receive: async () => {} });
  };
  expect(create([{ job: "x" }])).toThrow(new ConfigError("path_targets: a label set has no `__path__`"));
  expect(create([{ __path__: "/a/[b" }])).toThrow(new ConfigError('"[b" has a [ without its ]'));
});
