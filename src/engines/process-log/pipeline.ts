import type { Clock } from "../../lib/clock.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import type { CustomMetrics } from "../../signals/custom-metrics.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { entriesOf, groupByStream } from "./batches.ts";
import { Delivery } from "./delivery.ts";
import type { Entry } from "./entry.ts";
import type { Stage, StageCounts } from "./stage.ts";
import type { StageConfig } from "./stage-config.ts";
import { createStages } from "./stages.ts";

export interface PipelineOptions {
  readonly stages: readonly StageConfig[];
  readonly output: Receiver<"logs">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly counts: StageCounts;
  readonly custom: CustomMetrics;
  readonly readFile: (path: string) => Buffer;
}

/**
 * Takes batches through the stages, and sends what comes out, grouped by stream:
 *
 *     batch ─► entries ─► stage ─► stage ─► … ─► by stream ─► output
 *                           ╰ held back: a block of lines, a line that waits ─► its time comes, or the end
 *
 * A batch is acknowledged when all that was made of it is: so the position in a file stays in front of lines that are
 * held back.
 */
export class Pipeline implements Receiver<"logs"> {
  readonly #stages: Stage;
  readonly #output: Receiver<"logs">;
  readonly #clock: Clock;
  /** Batches that stages no longer hold back, until the output has what they let go. */
  readonly #letGo: Delivery[] = [];
  readonly #sending = new Set<Promise<void>>();
  #hasEnded = false;
  #wake: { readonly at: number; readonly cancel: () => void } | undefined;

  /** Throws an OptionError where a stage cannot work. */
  constructor({ stages, output, clock, random, counts, custom, readFile }: PipelineOptions) {
    this.#output = output;
    this.#clock = clock;
    this.#stages = createStages(stages, {
      clock,
      random,
      counts,
      custom,
      readFile,
      hold: (deliveries) => {
        for (const delivery of deliveries) delivery.open();
      },
      letGo: (deliveries) => this.#letGo.push(...deliveries),
    });
  }

  receive(batch: LogBatch): Promise<void> {
    const delivery = new Delivery();
    const origin = batch.utf8 && { lines: batch.lines, utf8: batch.utf8 as typeof batch.utf8 | undefined };
    this.#pass(this.#stages.process(entriesOf(batch, delivery, origin)));
    // What is held back goes on when the sender uses that memory again.
    if (origin !== undefined) origin.utf8 = undefined;
    // What comes after the end is not held back.
    if (this.#hasEnded) this.#pass(this.#stages.release?.(Number.POSITIVE_INFINITY) ?? []);
    delivery.close();
    return delivery.done;
  }

  /** Waits for the end, sends what is held back, and resolves when the output has it. */
  async run(stop: AbortSignal): Promise<void> {
    await untilAborted(stop);
    this.#hasEnded = true;
    this.#wake?.cancel();
    this.#pass(this.#stages.release?.(Number.POSITIVE_INFINITY) ?? []);
    await Promise.all(this.#sending);
  }

  #pass(entries: readonly Entry[]): void {
    for (const { batch, deliveries } of groupByStream(entries)) this.#send(batch, deliveries);
    for (const delivery of this.#letGo.splice(0)) delivery.close();
    this.#setWake();
  }

  #send(batch: LogBatch, deliveries: ReadonlySet<Delivery>): void {
    for (const delivery of deliveries) delivery.open();
    const sending = this.#output
      .receive(batch)
      .then(
        () => {
          for (const delivery of deliveries) delivery.close();
        },
        (error) => {
          for (const delivery of deliveries) delivery.fail(error);
        },
      )
      .finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Waking too early costs nothing: a block that grows moves its time with every line. */
  #setWake(): void {
    const at = this.#stages.due?.();
    if (at === undefined || (this.#wake !== undefined && this.#wake.at <= at)) return;
    this.#wake?.cancel();
    const cancel = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => {
      this.#wake = undefined;
      this.#pass(this.#stages.release?.(this.#clock.monotonic()) ?? []);
    });
    this.#wake = { at, cancel };
  }
}
