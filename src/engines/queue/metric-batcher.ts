import { BlockEncoder } from "../../formats/remote-write/block-encoder.ts";
import type { ProtobufMessage } from "../../formats/remote-write/decode.ts";
import { mixedKind } from "../../formats/remote-write/message-kinds.ts";
import { RequestEncoder } from "../../formats/remote-write/request-encoder.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Labels } from "../../signals/labels.ts";
import type { HistogramSample, MetricBatch } from "../../signals/metric-batch.ts";
import { customBucketsSchema } from "../../signals/native-histogram.ts";
import type { Receiver } from "../../signals/receiver.ts";
import type { Queue } from "./queue.ts";

export interface BatchLimits {
  /** Histograms and exemplars count like samples. */
  readonly maxSamples: number;
  /** How long the first sample of a block waits for others. */
  readonly deadlineMs: number;
}

/** What a batcher does may change while it runs. */
export interface BatchingOptions {
  /** What blocks are; 1.0 if left out. */
  readonly message?: ProtobufMessage;
  readonly externalLabels: Labels;
  readonly limits: BatchLimits;
  /** Whether these are queued; if not, they are passed over. */
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
}

export interface MetricBatcherOptions extends BatchingOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  /** Whether blocks wait in the queue anyway, so that waiting to fill one would be for nothing. */
  readonly isBacklogged?: () => boolean;
  /** Histograms that the message has no fields for. */
  readonly onUnsendable?: (histograms: number) => void;
}

/** How long a block is filled while nobody takes any: only the queue keeps what it has from being lost with the process. */
const hurriedMs = 100;

/** The block that is being filled. */
interface Pending {
  readonly accepted: PromiseWithResolvers<void>;
  readonly cancelDeadline: () => void;
  records: number;
  /** Whether there are histograms or exemplars among them. */
  isMixed: boolean;
  minTimestamp: number;
  maxTimestamp: number;
}

/** Gathers samples in the order in which they come, and appends them to the queue as blocks that are ready to be sent. */
export class MetricBatcher implements Receiver<"metrics"> {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #isBacklogged: () => boolean;
  readonly #onUnsendable: (histograms: number) => void;
  #encoder: BlockEncoder | RequestEncoder;
  #options: BatchingOptions;
  #pending: Pending | undefined;

  constructor({ queue, clock, isBacklogged = () => false, onUnsendable = () => {}, ...options }: MetricBatcherOptions) {
    this.#isBacklogged = isBacklogged;
    this.#onUnsendable = onUnsendable;
    this.#queue = queue;
    this.#clock = clock;
    this.#encoder = encoderOf(options);
    this.#options = options;
  }

  /** Records that wait in the block that is being filled. */
  get pending(): number {
    return this.#pending?.records ?? 0;
  }

  receive(batch: MetricBatch): Promise<void> {
    const { sendExemplars, sendNativeHistograms } = this.#options;
    const encoder = this.#encoder;
    const accepted = this.#fill(
      batch.length,
      encoder.pieceRows,
      (pending, from, to) => {
        encoder.append(batch, from, to);
        for (let row = from; row < to; row++) noteTime(pending, batch.timestamps[row]!);
      },
      (from, to) => encoder.standsAlone(batch, from, to),
    );
    if (sendNativeHistograms && batch.histograms !== undefined) {
      accepted.push(...this.#fillHistograms({ ...batch, histograms: this.#sendable(batch.histograms) }));
    }
    if (sendExemplars) accepted.push(...this.#fillExemplars(batch));
    const [only] = accepted;
    return only !== undefined && accepted.length === 1 ? only : Promise.all(accepted).then(() => {});
  }

  /** Appends what was gathered so far, however little. */
  async flush(): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#close(pending);
    await pending.accepted.promise;
  }

  /** Holds for the samples to come; those gathered so far are appended as they are. */
  update(options: BatchingOptions): void {
    if (this.#pending !== undefined) this.#close(this.#pending);
    this.#encoder = encoderOf(options);
    this.#options = options;
  }

  #sendable(histograms: readonly HistogramSample[]): readonly HistogramSample[] {
    if (this.#options.message === "io.prometheus.write.v2.Request") return histograms;
    const sendable = histograms.filter(({ histogram }) => histogram.schema !== customBucketsSchema);
    if (sendable.length < histograms.length) this.#onUnsendable(histograms.length - sendable.length);
    return sendable;
  }

  #fillHistograms(batch: MetricBatch): Promise<void>[] {
    const { histograms = [] } = batch;
    return this.#fill(histograms.length, 1, (pending, from, to) => {
      this.#encoder.plain.appendHistograms(batch, from, to);
      pending.isMixed = true;
      for (const { timestamp } of histograms.slice(from, to)) noteTime(pending, timestamp);
    });
  }

  #fillExemplars(batch: MetricBatch): Promise<void>[] {
    const { exemplars = [] } = batch;
    return this.#fill(exemplars.length, 1, (pending, from, to) => {
      this.#encoder.plain.appendExemplars(batch, from, to);
      pending.isMixed = true;
      for (const { timestamp } of exemplars.slice(from, to)) noteTime(pending, timestamp);
    });
  }

  /**
   * Spreads that many records over blocks, and returns the promises of those blocks. Pieces of `pieceSize` stay together,
   * so that a batch is cut at the same rows each time; one that stands alone is a block by itself.
   */
  #fill(
    records: number,
    pieceSize: number,
    append: (pending: Pending, from: number, to: number) => void,
    standsAlone: (from: number, to: number) => boolean = () => false,
  ): Promise<void>[] {
    const { maxSamples } = this.#options.limits;
    const accepted = new Set<Promise<void>>();
    for (let from = 0; from < records; ) {
      const to = Math.min(records, from + pieceSize, from + maxSamples);
      const isAlone = standsAlone(from, to);
      if (this.#pending !== undefined && (isAlone || this.#pending.records + to - from > maxSamples)) {
        this.#close(this.#pending);
      }
      const pending = this.#pending ?? this.#open();
      append(pending, from, to);
      pending.records += to - from;
      accepted.add(pending.accepted.promise);
      from = to;
      if (isAlone || pending.records >= maxSamples) this.#close(pending);
    }
    return [...accepted];
  }

  #open(): Pending {
    const { deadlineMs } = this.#options.limits;
    const waitMs = this.#isBacklogged() ? Math.min(hurriedMs, deadlineMs) : deadlineMs;
    const pending: Pending = {
      accepted: Promise.withResolvers(),
      cancelDeadline: this.#clock.after(waitMs, () => this.#close(pending)),
      records: 0,
      isMixed: false,
      minTimestamp: Number.POSITIVE_INFINITY,
      maxTimestamp: Number.NEGATIVE_INFINITY,
    };
    this.#pending = pending;
    return pending;
  }

  #close({ accepted, cancelDeadline, records, isMixed, minTimestamp, maxTimestamp }: Pending): void {
    this.#pending = undefined;
    cancelDeadline();
    const payload = this.#encoder.take((length) => this.#queue.allocate(length));
    const kind = isMixed ? mixedKind(this.#encoder.kind) : this.#encoder.kind;
    this.#queue.append({ payload, records, minTimestamp, maxTimestamp, kind }).then(accepted.resolve, accepted.reject);
  }
}

function encoderOf({ message, externalLabels }: BatchingOptions): BlockEncoder | RequestEncoder {
  return message === "io.prometheus.write.v2.Request"
    ? new RequestEncoder(externalLabels)
    : new BlockEncoder(externalLabels);
}

function noteTime(pending: Pending, timestamp: number): void {
  if (timestamp < pending.minTimestamp) pending.minTimestamp = timestamp;
  if (timestamp > pending.maxTimestamp) pending.maxTimestamp = timestamp;
}
