import { WriteRequestEncoder } from "../../formats/remote-write/encode.ts";
import type { Clock } from "../../lib/clock.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import type { Labels } from "../../signals/labels.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";
import type { Queue } from "./queue.ts";

export interface BatchLimits {
  readonly maxSamples: number;
  /** How long the first sample of a block waits for others. */
  readonly deadlineMs: number;
}

export interface MetricBatcherOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  readonly externalLabels: Labels;
  readonly limits: BatchLimits;
}

/** The block that is being filled. */
interface Pending {
  readonly accepted: PromiseWithResolvers<void>;
  readonly cancelDeadline: () => void;
  records: number;
  minTimestamp: number;
  maxTimestamp: number;
}

/** Gathers samples in the order in which they come, and appends them to the queue as blocks that are ready to be sent. */
export class MetricBatcher implements Receiver<"metrics"> {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #snappy = new SnappyEncoder();
  #encoder: WriteRequestEncoder;
  #limits: BatchLimits;
  #pending: Pending | undefined;

  constructor({ queue, clock, externalLabels, limits }: MetricBatcherOptions) {
    this.#queue = queue;
    this.#clock = clock;
    this.#encoder = new WriteRequestEncoder(externalLabels);
    this.#limits = limits;
  }

  /** Samples that wait in the block that is being filled. */
  get pending(): number {
    return this.#pending?.records ?? 0;
  }

  receive(batch: MetricBatch): Promise<void> {
    const accepted: Promise<void>[] = [];
    for (let row = 0; row < batch.length; ) {
      const pending = this.#pending ?? this.#open();
      const to = Math.min(batch.length, row + this.#limits.maxSamples - pending.records);
      this.#encoder.append(batch, row, to);
      noteRows(pending, batch, row, to);
      accepted.push(pending.accepted.promise);
      row = to;
      if (pending.records >= this.#limits.maxSamples) this.#close(pending);
    }
    return Promise.all(accepted).then(() => {});
  }

  /** Appends what was gathered so far, however little. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#close(pending);
    await pending.accepted.promise;
  }

  /** Holds for the samples to come; those gathered so far are appended as they are. */
  update(externalLabels: Labels, limits: BatchLimits): void {
    if (this.#pending !== undefined) this.#close(this.#pending);
    this.#encoder = new WriteRequestEncoder(externalLabels);
    this.#limits = limits;
  }

  #open(): Pending {
    const pending: Pending = {
      accepted: Promise.withResolvers(),
      cancelDeadline: this.#clock.after(this.#limits.deadlineMs, () => this.#close(pending)),
      records: 0,
      minTimestamp: Number.POSITIVE_INFINITY,
      maxTimestamp: Number.NEGATIVE_INFINITY,
    };
    this.#pending = pending;
    return pending;
  }

  #close({ accepted, cancelDeadline, records, minTimestamp, maxTimestamp }: Pending): void {
    this.#pending = undefined;
    cancelDeadline();
    const payload = this.#snappy.compress(this.#encoder.take());
    this.#queue.append({ payload, records, minTimestamp, maxTimestamp }).then(accepted.resolve, accepted.reject);
  }
}

function noteRows(pending: Pending, { timestamps }: MetricBatch, from: number, to: number): void {
  pending.records += to - from;
  for (const timestamp of timestamps.subarray(from, to)) {
    if (timestamp < pending.minTimestamp) pending.minTimestamp = timestamp;
    if (timestamp > pending.maxTimestamp) pending.maxTimestamp = timestamp;
  }
}
