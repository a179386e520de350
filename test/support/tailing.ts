import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodingNamed } from "../../src/engines/tail/encoding.ts";
import { literalPath, parsePathPattern } from "../../src/engines/tail/path-pattern.ts";
import type { TailTarget } from "../../src/engines/tail/path-set.ts";
import type { SavedPosition } from "../../src/engines/tail/positions.ts";
import { realTailFiles } from "../../src/engines/tail/tail-files.ts";
import type { TailOptions } from "../../src/engines/tail/tail-options.ts";
import { Tailer } from "../../src/engines/tail/tailer.ts";
import { realDisk } from "../../src/lib/disk-real.ts";
import { labelRecord, labelsFrom } from "../../src/signals/labels.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import { FakeClock } from "./fake-clock.ts";
import { type LogLine, recordingLogger } from "./graph-fixtures.ts";
import { LogFolder } from "./log-folder.ts";
import { tempDir } from "./temp-dir.ts";

export interface Entry {
  readonly file: string;
  readonly line: string;
  readonly timestamp: bigint;
  readonly isTruncated: boolean;
}

/** How the receiver behaves: it takes, refuses, or waits until it is told otherwise. */
export type Mood = "takes" | "refuses" | "waits";

/** A tailer at work on a temp folder, and the receiver that remembers what is safe with it. */
export class Tailing extends LogFolder implements Disposable {
  readonly dir: ReturnType<typeof tempDir>;
  readonly clock = new FakeClock();
  readonly logs: LogLine[] = [];
  readonly entries: Entry[] = [];
  readonly counts: Record<string, number> = {};
  health: string | undefined;
  tailer: Tailer | undefined;
  #mood: Mood = "takes";
  #waiting: (() => void)[] = [];
  #run: { stop: AbortController; ended: Promise<void>; life: { isDead: boolean } } | undefined;

  constructor(dir = tempDir()) {
    super(join(dir.path, "logs"));
    this.dir = dir;
  }

  /** The snapshot's offsets, added up. */
  get savedBytes(): number {
    try {
      const { positions } = JSON.parse(readFileSync(join(this.dir.path, "data/positions.json"), "utf8"));
      return (positions as SavedPosition[]).reduce((sum, { offset }) => sum + offset, 0);
    } catch {
      return 0;
    }
  }

  get missing(): string[] {
    const there = new Set(this.lines());
    return this.written.filter((line) => !there.has(line));
  }

  /** How many entries came more than once, or were never written. */
  get surplus(): number {
    return this.entries.length - new Set(this.written).size + this.missing.length;
  }

  start(patterns: readonly string[] = ["*.log"], options: Partial<TailOptions> & { excludes?: string[] } = {}): void {
    mkdirSync(this.logDir, { recursive: true });
    const life = { isDead: false };
    const tailer = new Tailer({ ...this.#options(life), ...options });
    tailer.setTargets(this.targets(patterns, options.excludes));
    const stop = new AbortController();
    this.tailer = tailer;
    this.#run = { stop, ended: tailer.run(stop.signal), life };
    this.#run.ended.catch(() => {});
  }

  targets(patterns: readonly string[], excludes: readonly string[] = [], labels = {}): TailTarget[] {
    return patterns.map((pattern) => ({
      pattern: /[*?{[]/.test(pattern) ? parsePathPattern(this.path(pattern)) : literalPath(this.path(pattern)),
      excludes: excludes.map((exclude) => parsePathPattern(this.path(exclude))),
      labels: labelsFrom(labels),
    }));
  }

  /** In good order: all that is acknowledged is saved. */
  async stop(): Promise<void> {
    await this.#end();
  }

  /** As by SIGKILL: nothing is written and nothing is acknowledged from now on. */
  async kill(): Promise<void> {
    if (this.#run !== undefined) this.#run.life.isDead = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    let hasEnded = false;
    run.stop.abort();
    const ended = run.ended.finally(() => {
      hasEnded = true;
    });
    ended.catch(() => {});
    for (let turns = 0; !hasEnded; turns++) {
      await turn();
      // What waits for the receiver is waited for, and then given up.
      if (turns % 50 === 49) await this.clock.advance(1_000);
    }
    this.#waiting = [];
    await ended;
  }

  set mood(mood: Mood) {
    this.#mood = mood;
    if (mood === "waits") return;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Turns the clock, while the tailer sleeps between two rounds, until it is so. */
  async until(isReached: () => boolean): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!isReached()) {
      if (performance.now() > deadline)
        throw new Error(`not reached: ${isReached}\n${JSON.stringify(this.tailer?.debug()).slice(0, 2_000)}`);
      if (this.clock.pending > 0) await this.clock.advance(250);
      for (let turns = 0; turns < 10; turns++) await turn();
    }
  }

  /** So much time passes, at the disk's pace. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms;
    await this.until(() => this.clock.monotonic() >= until);
  }

  /** The lines of all files in the order of their arrival; or of one. */
  lines(name?: string): string[] {
    return this.entries.filter(({ file }) => name === undefined || file === name).map(({ line }) => line);
  }

  [Symbol.dispose](): void {
    this.#run?.stop.abort();
    this.dir.remove();
  }

  #options(life: { isDead: boolean }): TailOptions {
    const count = (what: string) => (by: number) => {
      this.counts[what] = (this.counts[what] ?? 0) + by;
    };
    return {
      files: realTailFiles,
      disk: {
        ...realDisk,
        open: (path, mode) => (life.isDead ? Promise.reject(new Error("killed")) : realDisk.open(path, mode)),
        rename: (from, to) => (life.isDead ? Promise.reject(new Error("killed")) : realDisk.rename(from, to)),
      },
      dataDir: join(this.dir.path, "data"),
      clock: this.clock,
      log: recordingLogger(this.logs),
      output: { receive: (batch) => this.#receive(batch, life) },
      meters: {
        readBytes: () => {},
        fileBytes: () => {},
        lines: (_path, by) => count("lines")(by),
        truncated: count("truncated"),
        invalid: count("invalid"),
        nulBytes: count("nulBytes"),
        lost: count("lost"),
        failure: () => count("failures")(1),
        active: () => {},
        forget: () => {},
      },
      setHealth: (isHealthy, reason) => {
        this.health = isHealthy ? "healthy" : reason;
      },
      encoding: encodingNamed("")!,
      fromEnd: false,
      fromEndIfDamaged: false,
      decompression: undefined,
      legacy: async () => new Map(),
      minPollMs: 250,
      maxPollMs: 10_000,
      syncMs: 10_000,
      ignoreOlderThanMs: 0,
      maxOpenFiles: 256,
      limits: { reading: 16, unacknowledged: 8 * 2 ** 20 },
    };
  }

  async #receive({ stream, lines, timestamps, metadata }: LogBatch, life: { isDead: boolean }): Promise<void> {
    const file = (labelRecord(stream).filename ?? "").slice(this.logDir.length + 1);
    const entries = [...lines].map((line, at) => {
      return { file, line, timestamp: timestamps[at]!, isTruncated: (metadata?.[at]?.length ?? 0) > 0 };
    });
    if (this.#mood === "waits") await new Promise<void>((resolve) => this.#waiting.push(resolve));
    // Whoever is dead neither gets nor gives.
    if (life.isDead) return new Promise(() => {});
    if (this.#mood === "refuses") throw new Error("the receiver refuses");
    this.entries.push(...entries);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
