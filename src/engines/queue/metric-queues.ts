import { join } from "node:path";
import type { ProtobufMessage } from "../../formats/remote-write/decode.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { QueueView } from "../../signals/queue-view.ts";
import type { Receiver } from "../../signals/receiver.ts";
import type { RelabelRule } from "../../signals/relabel-rule.ts";
import { DiskQueue, type QueueSettings } from "./disk-queue.ts";
import { EndpointSource } from "./endpoint-source.ts";
import { fileName } from "./folder.ts";
import { FormerReader, findFormerFolders } from "./former-logs.ts";
import { type BatchingOptions, MetricBatcher } from "./metric-batcher.ts";
import { MetricLog, shardSettings } from "./metric-log.ts";
import type { Backlog, DropReason, QueueReader } from "./queue.ts";

/** What an endpoint wants to read. */
export interface ReadingEndpoint {
  readonly name: string;
  readonly message: ProtobufMessage;
  readonly rules: readonly RelabelRule[];
}

export interface MetricQueuesSettings {
  readonly endpoints: readonly ReadingEndpoint[];
  /** How many requests may be under way to an endpoint. */
  readonly shards: number;
  readonly batching: BatchingOptions;
  /** The bounds hold for each log. */
  readonly queue: QueueSettings;
}

/** The last is Prometheus' name for histograms with custom buckets on their way to an endpoint that takes 1.0. */
export type MetricDropReason = DropReason | "dropped_series" | "nhcb_in_rw1_not_supported";

export interface MetricQueuesOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Whether an endpoint takes nothing at the moment. */
  readonly isBacklogged: () => boolean;
  readonly onDrop: (endpoint: string, reason: MetricDropReason, records: number) => void;
  /** Called when a disk cannot be written, with why; undefined when all can again. */
  readonly onTrouble: (reason: string | undefined) => void;
  readonly onDamage: (path: string) => void;
  readonly onReadFailure: (error: unknown) => void;
}

/** What is in memory only, while the disk cannot be written. */
const memoryBytes = 16 * 2 ** 20;

/**
 * The queues of a component. Endpoints that want the same series read the same log; one with rules of its own has its own:
 *
 *     batch ─┬─► log of all without rules ─► endpoint a, endpoint b
 *            └─► rules of c ─► log of c ───► endpoint c
 *
 *     FORMAT …             the log of all without rules; or, of several shards,
 *     shard-0-of-4 …       one folder for each
 *     endpoint.c/…         the log of c, in the same way
 */
export class MetricQueues implements Receiver<"metrics"> {
  readonly #options: MetricQueuesOptions;
  readonly #logs: readonly MetricLog[];
  readonly #troubles = new Map<string, string>();
  readonly #formers: FormerReader[] = [];
  readonly #formersKnown = Promise.withResolvers<void>();
  readonly #formerQueues: DiskQueue[] = [];
  #settings: MetricQueuesSettings;
  #isClosed = false;

  constructor(settings: MetricQueuesSettings, options: MetricQueuesOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#logs = this.#newLogs();
  }

  /** In bytes, on disk and in memory. */
  get size(): number {
    return this.#queues.reduce((sum, { size }) => sum + size, 0);
  }

  /** All of them together. */
  view(): Omit<QueueView, "trouble" | "endpoints"> {
    return {
      bytes: this.size,
      segments: this.#queues.reduce((sum, { segments }) => sum + segments, 0),
      batching: this.#logs.reduce((sum, { pending }) => sum + pending, 0),
    };
  }

  receive(batch: MetricBatch): Promise<void> {
    const [only] = this.#logs;
    if (this.#logs.length === 1 && only !== undefined) return only.receive(batch);
    return Promise.all(this.#logs.map((log) => log.receive(batch))).then(() => {});
  }

  async flush(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.flush()));
  }

  /** Opens the folders. */
  async start(): Promise<void> {
    try {
      await this.#openFormers();
    } catch (error) {
      // What cannot be listed cannot be opened either, and opening says what there is to say about it.
      this.#options.onReadFailure(error);
    }
    this.#formersKnown.resolve();
    if (!this.#isClosed) for (const { queues } of this.#logs) for (const queue of queues) queue.start();
  }

  /** Where the endpoint reads, one source for each request that may be under way. */
  sources(endpoint: string): EndpointSource[] {
    const formers = this.#formersKnown.promise.then(() => this.#formersOf(endpoint));
    return this.#readersOf(endpoint).map((own, shard) => {
      return new EndpointSource({ own, isFirst: shard === 0, formers, clock: this.#options.clock });
    });
  }

  backlog(endpoint: string): Backlog {
    const backlogs = [...this.#readersOf(endpoint), ...this.#formersOf(endpoint)].map((reader) => reader.backlog());
    return {
      blocks: backlogs.reduce((sum, { blocks }) => sum + blocks, 0),
      bytes: backlogs.reduce((sum, { bytes }) => sum + bytes, 0),
      records: backlogs.reduce((sum, { records }) => sum + records, 0),
      oldestMs: Math.max(0, ...backlogs.map(({ oldestMs }) => oldestMs)),
    };
  }

  /** Takes changed settings in place; false where they ask for other queues. */
  update(settings: MetricQueuesSettings): boolean {
    if (structureOf(settings) !== structureOf(this.#settings)) return false;
    this.#settings = settings;
    for (const log of this.#logs) log.update(settings.batching, settings.queue);
    return true;
  }

  /** Brings everything to the disk, and lets go of it; what it does not take within the time is dropped and counted. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    this.#formersKnown.resolve();
    await Promise.all(this.#queues.map((queue) => queue.close(timeoutMs)));
  }

  get #queues(): DiskQueue[] {
    return [...this.#logs.flatMap(({ queues }) => queues), ...this.#formerQueues];
  }

  #readersOf(endpoint: string): QueueReader[] {
    return this.#logs.find(({ endpoints }) => endpoints.includes(endpoint))?.readers(endpoint) ?? [];
  }

  #formersOf(endpoint: string): FormerReader[] {
    return this.#formers.filter((former) => former.endpoint === endpoint);
  }

  #newLogs(): MetricLog[] {
    const { folder } = this.#options;
    const { endpoints } = this.#settings;
    const plain = endpoints.filter(({ rules }) => rules.length === 0);
    const own = endpoints.filter(({ rules }) => rules.length > 0);
    return [
      ...(plain.length > 0 ? [this.#newLog(folder, plain)] : []),
      ...own.map((endpoint) => this.#newLog(join(folder, folderName(endpoint.name)), [endpoint])),
    ];
  }

  #newLog(folder: string, endpoints: readonly ReadingEndpoint[]): MetricLog {
    const { clock, onDrop, isBacklogged } = this.#options;
    const { shards, batching } = this.#settings;
    const names = endpoints.map(({ name }) => name);
    const onUnsendable = (histograms: number) => {
      for (const name of names) onDrop(name, "nhcb_in_rw1_not_supported", histograms);
    };
    return new MetricLog({
      folder,
      shards,
      endpoints: names,
      rules: endpoints[0]?.rules ?? [],
      message:
        endpoints.find(({ message }) => message !== "prometheus.WriteRequest")?.message ?? "prometheus.WriteRequest",
      batching,
      newQueue: (place, count) => this.#newQueue(place, count),
      newBatcher: (queue, options) => new MetricBatcher({ ...options, queue, clock, isBacklogged, onUnsendable }),
      onDropped(samples) {
        for (const name of names) onDrop(name, "dropped_series", samples);
      },
    });
  }

  #newQueue(folder: string, shards: number): DiskQueue {
    const { onTrouble, ...options } = this.#options;
    return new DiskQueue({
      ...options,
      ...shardSettings(this.#settings.queue, shards),
      memoryBytes: memoryBytes / shards,
      folder,
      onTrouble: (reason) => {
        if (reason === undefined) this.#troubles.delete(folder);
        else this.#troubles.set(folder, reason);
        const [first] = this.#troubles.values();
        if (reason !== undefined || first === undefined) onTrouble(first);
      },
    });
  }

  async #openFormers(): Promise<void> {
    const { disk, folder: root } = this.#options;
    const names = this.#settings.endpoints.map(({ name }) => name);
    const isCurrent = (folder: string, name: string) =>
      this.#logs.some(({ folders, endpoints }) => folders.includes(folder) && endpoints.includes(name));
    for (const { folder, endpoints } of await findFormerFolders(disk, root, names, isCurrent)) {
      if (this.#isClosed) break;
      const queue = this.#currentQueue(folder) ?? this.#openFormer(folder);
      const current = this.#logs.find(({ queues }) => queues.includes(queue))?.endpoints ?? [];
      for (const name of endpoints)
        this.#formers.push(new FormerReader(queue, name, () => this.#release(queue, current)));
      if (this.#formerQueues.includes(queue)) queue.start();
    }
  }

  /** Cursors that nobody needs any more would keep what is before them. */
  #release(queue: DiskQueue, current: readonly string[]): void {
    const others = this.#formers.filter((former) => former.queue === queue && !former.isDone);
    queue.keepReaders(new Set([...current, ...others.map(({ endpoint }) => endpoint)]));
  }

  #openFormer(folder: string): DiskQueue {
    const queue = this.#newQueue(folder, 1);
    this.#formerQueues.push(queue);
    return queue;
  }

  #currentQueue(folder: string): DiskQueue | undefined {
    for (const { folders, queues } of this.#logs) {
      const at = folders.indexOf(folder);
      if (at >= 0) return queues[at];
    }
    return undefined;
  }
}

/** What cannot change without other queues. */
function structureOf({ endpoints, shards }: MetricQueuesSettings): string {
  return JSON.stringify([shards, endpoints]);
}

function folderName(endpoint: string): string {
  return `endpoint.${fileName(endpoint)}`;
}
