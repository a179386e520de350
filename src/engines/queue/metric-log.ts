import { join } from "node:path";
import type { ProtobufMessage } from "../../formats/remote-write/decode.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { BatchSharder } from "./batch-sharder.ts";
import type { DiskQueue, QueueSettings } from "./disk-queue.ts";
import { EndpointRelabeler } from "./endpoint-relabeler.ts";
import type { BatchingOptions, MetricBatcher } from "./metric-batcher.ts";
import type { QueueReader } from "./queue.ts";

export interface MetricLogOptions {
  /** Below this are the folders of its shards; of one shard it is the folder. */
  readonly folder: string;
  readonly shards: number;
  /** Those that read it. */
  readonly endpoints: readonly string[];
  /** Applied before anything is queued. */
  readonly rules: readonly RelabelRule[];
  readonly message: ProtobufMessage;
  readonly batching: BatchingOptions;
  readonly newQueue: (folder: string, shards: number) => DiskQueue;
  readonly newBatcher: (queue: DiskQueue, options: BatchingOptions) => MetricBatcher;
  /** Samples that the rules have dropped, of every endpoint of the log. */
  readonly onDropped: (samples: number) => void;
}

/**
 * What endpoints that want the same series read: one queue, or several among which the series are spread.
 *
 *     batch ─► rules ─► shards ─► batcher ─► queue      one request may be under way from each queue
 *                          └────► batcher ─► queue
 */
export class MetricLog {
  readonly queues: readonly DiskQueue[];
  readonly folders: readonly string[];
  readonly endpoints: readonly string[];
  readonly #batchers: readonly MetricBatcher[];
  readonly #options: MetricLogOptions;
  readonly #sharder: BatchSharder | undefined;
  #relabeler: EndpointRelabeler | undefined;

  constructor(options: MetricLogOptions) {
    const { shards, endpoints, newQueue, newBatcher, batching } = options;
    this.#options = options;
    this.endpoints = endpoints;
    this.folders = Array.from({ length: shards }, (_, shard) => shardFolder(options.folder, shard, shards));
    this.queues = this.folders.map((folder) => newQueue(folder, shards));
    this.#batchers = this.queues.map((queue) => newBatcher(queue, this.#batching(batching)));
    this.#sharder = shards > 1 ? new BatchSharder(shards) : undefined;
    this.#relabeler = this.#newRelabeler(batching);
    // Before anything is appended: a reader sees only what comes after it.
    for (const queue of this.queues) for (const endpoint of endpoints) queue.reader(endpoint);
  }

  /** Records that wait in the blocks that are being filled. */
  get pending(): number {
    return this.#batchers.reduce((sum, { pending }) => sum + pending, 0);
  }

  readers(endpoint: string): QueueReader[] {
    return this.queues.map((queue) => queue.reader(endpoint));
  }

  receive(batch: MetricBatch): Promise<void> {
    const relabeled = this.#relabeler?.relabel(batch) ?? batch;
    const [only] = this.#batchers;
    if (this.#sharder === undefined && only !== undefined) return only.receive(relabeled);
    const parts = this.#sharder?.split(relabeled) ?? [];
    return Promise.all(parts.map((part, shard) => part && this.#batchers[shard]?.receive(part))).then(() => {});
  }

  async flush(): Promise<void> {
    await Promise.all(this.#batchers.map((batcher) => batcher.flush()));
  }

  update(batching: BatchingOptions, settings: QueueSettings): void {
    for (const batcher of this.#batchers) batcher.update(this.#batching(batching));
    for (const queue of this.queues) queue.configure(shardSettings(settings, this.queues.length));
    this.#relabeler = this.#newRelabeler(batching);
  }

  /** The rules have added the external labels already. */
  #batching(options: BatchingOptions): BatchingOptions {
    const { message, rules } = this.#options;
    return { ...options, message, ...(rules.length > 0 && { externalLabels: [] }) };
  }

  #newRelabeler({ externalLabels }: BatchingOptions): EndpointRelabeler | undefined {
    const { rules, onDropped } = this.#options;
    return rules.length === 0 ? undefined : new EndpointRelabeler(rules, externalLabels, onDropped);
  }
}

function shardFolder(folder: string, shard: number, shards: number): string {
  return shards === 1 ? folder : join(folder, `shard-${shard}-of-${shards}`);
}

/** The bounds are those of all shards together. */
export function shardSettings(settings: QueueSettings, shards: number): QueueSettings {
  return { ...settings, maxBytes: Math.floor(settings.maxBytes / shards) };
}
