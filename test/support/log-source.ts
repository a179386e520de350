import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Component } from "../../src/component.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import type { Receiver, Signal } from "../../src/signals/receiver.ts";
import { type Harness, harness } from "./component-harness.ts";
import { LogRecorder } from "./log-batches.ts";
import { tempDir } from "./temp-dir.ts";

export interface RunningSource extends Harness, AsyncDisposable {
  readonly recorder: LogRecorder;
  /** What the receivers do with a batch; at first the recorder takes it. */
  answer: (batch: LogBatch) => Promise<void>;
  /** Resolves once it holds; looked at after each batch and whenever the health is set. */
  until(isReached: () => boolean): Promise<void>;
  /** Resolves once the recorder has so many lines. */
  lines(count: number): Promise<void>;
  /** Resolves once the health is of this state. */
  state(state: string): Promise<void>;
  stop(): Promise<void>;
}

/** A source of logs at work. `await using` stops it. */
export function runLogSource(component: Component, config: object = {}, dataDir?: string): RunningSource {
  const own = tempDir();
  const recorder = new LogRecorder();
  const checks = new Set<() => void>();
  const happened = () => {
    for (const check of checks) check();
  };
  const output: Receiver<"logs"> = {
    receive(batch) {
      const answer = source.answer(batch);
      happened();
      return answer;
    },
  };
  const made = harness(component, config, output as Receiver<Signal>, {
    dataDir: dataDir ?? own.path,
    onHealth: happened,
  });
  const until = (isReached: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!isReached()) return;
        checks.delete(check);
        resolve();
      };
      checks.add(check);
      check();
    });
  const stopping = new AbortController();
  const done = made.running.run?.(stopping.signal);
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  const source: RunningSource = {
    ...made,
    recorder,
    answer: (batch) => recorder.receive(batch),
    until,
    lines: (count) => until(() => recorder.lines.length >= count),
    state: (state) => until(() => made.health().state === state),
    stop,
    [Symbol.asyncDispose]: () => stop().finally(() => own.remove()),
  };
  return source;
}

/** What a source has saved of its positions; empty if nothing. */
export function savedPositions(dataDir: string): string {
  const path = join(dataDir, "positions.json");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
