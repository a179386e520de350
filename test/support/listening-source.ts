import type { Component } from "../../src/component.ts";
import { formatLabels } from "../../src/signals/labels.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import type { Receiver, Signal } from "../../src/signals/receiver.ts";
import { type Harness, harness } from "./component-harness.ts";
import { turnsUntil } from "./turns-until.ts";

export interface RunningSource extends Harness, AsyncDisposable {
  /** What it has sent on: `{job="a"} "line"`, in the order of the batches. */
  readonly sent: readonly string[];
  readonly batches: readonly LogBatch[];
  /** What the receivers do with a batch from now on; they take it at first. */
  answer: (batch: LogBatch) => Promise<void>;
  /** Resolves once so many entries were sent on. */
  sentCount(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** A source of logs at work. Its health is known when this resolves: it listens, or cannot. */
export async function runningSource(component: Component, config: object, configDir?: string): Promise<RunningSource> {
  const sent: string[] = [];
  const batches: LogBatch[] = [];
  const output: Receiver<"logs"> = {
    receive(batch) {
      batches.push(batch);
      sent.push(...batch.lines.map((line) => `${formatLabels(batch.stream)} ${JSON.stringify(line)}`));
      return source.answer(batch);
    },
  };
  const { promise: isKnown, resolve: onHealth } = Promise.withResolvers<void>();
  const made = harness(component, config, output as Receiver<Signal>, {
    ...(configDir !== undefined && { configDir }),
    onHealth,
  });
  const stopping = new AbortController();
  const done = made.running.run?.(stopping.signal);
  done?.catch(() => {});
  async function stop(): Promise<void> {
    stopping.abort();
    await done;
  }
  const source: RunningSource = {
    ...made,
    sent,
    batches,
    answer: () => Promise.resolve(),
    sentCount: (count) => turnsUntil(() => sent.length >= count),
    stop,
    [Symbol.asyncDispose]: stop,
  };
  await Promise.race([isKnown, done]);
  return source;
}
