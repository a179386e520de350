import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError } from "../../../src/component.ts";
import { lokiSourceFile } from "../../../src/components/loki/source-file.ts";
import { formatLabels, labelsFrom } from "../../../src/signals/labels.ts";
import type { LogBatch } from "../../../src/signals/log-batch.ts";
import { harness } from "../../support/component-harness.ts";
import { tempDir } from "../../support/temp-dir.ts";

/** The component at work on a folder, and what came out of it. */
class Source implements Disposable {
  readonly dir = tempDir();
  readonly entries: string[] = [];
  readonly #stop = new AbortController();
  #harness: ReturnType<typeof harness> | undefined;
  #ended: Promise<void> | undefined;

  start(config: object, targets: readonly Record<string, string>[] = []) {
    const output = {
      receive: async (batch: unknown) => {
        const { stream, lines } = batch as LogBatch;
        const labels = formatLabels(stream).replaceAll(`${this.dir.path}/`, "");
        this.entries.push(...lines.map((line) => `${labels} ${line}`));
      },
    };
    const started = harness(lokiSourceFile, config, output, {
      configDir: this.dir.path,
      dataDir: join(this.dir.path, "data"),
    });
    this.#harness = started;
    const group = { source: "test", targets: targets.map((labels) => ({ labels: labelsFrom(labels) })) };
    void started.running.input?.receive([group]);
    this.#ended = started.running.run?.(this.#stop.signal);
    return started;
  }

  write(name: string, text: string): void {
    appendFileSync(join(this.dir.path, name), text);
  }

  async until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      if ((this.#harness?.clock.pending ?? 0) > 0) await this.#harness?.clock.advance(250);
      for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    expect(this.#harness?.clock.pending).toBe(0);
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.dir.remove();
  }
}

test("files of paths and of targets are read, with their labels, and counted by Alloy's names", async () => {
  using source = new Source();
  source.write("a.log", "one\ntwo\n");
  source.write("debug.log", "no\n");
  source.write("b.txt", "three\n");
  const config = { paths: ["*.log"], exclude: ["debug*"], labels: { job: "test" } };
  const target = { __path__: "b.txt", __meta_pod: "x", __tenant_id__: "t", app: "b" };
  const { running, metrics, health } = source.start(config, [target, { app: "no path" }]);
  await source.until(() => source.entries.length === 3 && health().state === "healthy");
  expect(source.entries.toSorted()).toEqual([
    '{__tenant_id__="t", app="b", filename="b.txt"} three',
    '{filename="a.log", job="test"} one',
    '{filename="a.log", job="test"} two',
  ]);
  const path = join(source.dir.path, "a.log");
  expect(metrics).toMatchObject({
    active: 2,
    [`readBytes{path="${path}"}`]: 8,
    [`fileBytes{path="${path}"}`]: 8,
    [`lines{path="${path}"}`]: 2,
  });
  expect(running.debug?.()).toMatchObject({
    paths: 2,
    files: [
      {
        path: join(source.dir.path, "b.txt"),
        labels: '{__tenant_id__="t", app="b"}',
        running: true,
        offset: 6,
        size: 6,
      },
      { path, labels: '{job="test"}', running: true, offset: 8, size: 8 },
    ],
  });
  rmSync(path);
  await source.until(() => metrics[`readBytes{path="${path}"}`] === undefined);
  await source.stop();
  expect(existsSync(join(source.dir.path, "data/positions.json"))).toBe(true);
});

test("a path of a target is itself, unless file_match is enabled", async () => {
  using source = new Source();
  source.write("[x].log", "itself\n");
  source.write("x.log", "pattern\n");
  source.start({}, [{ __path__: "[x].log" }]);
  await source.until(() => source.entries.length === 1);
  await source.stop();
  expect(source.entries).toEqual(['{filename="[x].log"} itself']);

  using other = new Source();
  other.write("x.log", "pattern\n");
  other.write("y.log", "excluded\n");
  other.start({ file_match: { enabled: true } }, [{ __path__: "*.log", __path_exclude__: "y*" }, { __path__: "[x" }]);
  await other.until(() => other.entries.length === 1);
  await other.stop();
  expect(other.entries).toEqual(['{filename="x.log"} pattern']);
});

test("positions of promtail are taken over, and said so", async () => {
  using source = new Source();
  mkdirSync(join(source.dir.path, "logs"));
  source.write("a.log", "old\nnew\n");
  const path = join(source.dir.path, "a.log");
  writeFileSync(join(source.dir.path, "positions.yaml"), `positions:\n  ${path}: "4"\n`);
  const { logs } = source.start({ paths: ["*.log"], legacy_positions_file: "positions.yaml" });
  await source.until(() => source.entries.length === 1);
  await source.stop();
  expect(source.entries).toEqual(['{filename="a.log"} new']);
  expect(logs).toEqual([
    {
      level: "info",
      message: "positions of the former agent are taken over",
      fields: { path: "positions.yaml", files: 1 },
    },
  ]);
});

test("positions of promtail that cannot be read stop nothing", async () => {
  using source = new Source();
  source.write("a.log", "old\n");
  const { logs } = source.start({ paths: ["*.log"], legacy_positions_file: "none.yaml" });
  await source.until(() => source.entries.length === 1);
  await source.stop();
  expect(logs.map(({ level, message }) => [level, message])).toEqual([
    ["warn", "positions of the former agent cannot be read"],
  ]);
});

test("UTF-16 by name, the end by wish", async () => {
  using source = new Source();
  writeFileSync(join(source.dir.path, "a.log"), Buffer.from("old\n", "utf16le"));
  const { running } = source.start({ paths: ["*.log"], encoding: "utf-16", tail_from_end: true });
  await source.until(() => JSON.stringify(running.debug?.()).includes('"offset":8'));
  appendFileSync(join(source.dir.path, "a.log"), Buffer.from("größer\n", "utf16le"));
  await source.until(() => source.entries.length === 1);
  await source.stop();
  expect(source.entries).toEqual(['{filename="a.log"} größer']);
});

test("what cannot work is the user's mistake", () => {
  const output = { receive: async () => {} };
  const create = (config: object) => () => harness(lokiSourceFile, config, output);
  expect(create({ paths: ["/var/log/{a"] })).toThrow(new ConfigError('paths: "/var/log/{a" has a { without its }'));
  expect(create({ encoding: "klingon" })).toThrow("there is no such encoding; write utf-16le, iso-8859-1 or the like");
  const file_watch = { min_poll_frequency: "1m", max_poll_frequency: "1s" };
  expect(create({ file_watch })).toThrow("min_poll_frequency must not be longer than max_poll_frequency");
});
