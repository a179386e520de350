import { logBlockKind, writeLogBlock } from "../../formats/loki-push/log-block.ts";
import { formatStreamLabels } from "../../formats/loki-push/stream-labels.ts";
import { PushRequestWriter } from "../../formats/loki-push/stream-writer.ts";
import type { Clock } from "../../lib/clock.ts";
import { SnappyEncoder } from "../../lib/snappy.ts";
import { equalLabels, type Labels, labelValue, mergeLabels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";
import type { Queue } from "./queue.ts";

export interface LogBatchingOptions {
  /** For streams that have none of the name. */
  readonly externalLabels: Labels;
  readonly limits: {
    /** Of lines and structured metadata in one request; a larger entry goes by itself. */
    readonly maxBytes: number;
    /** How long the first entry of a request waits for others. */
    readonly waitMs: number;
    /** In one request; 0 for any number. */
    readonly maxStreams: number;
  };
}

export interface LogBatcherOptions extends LogBatchingOptions {
  readonly queue: Queue;
  readonly clock: Clock;
  /** Of entries that no Loki would take. */
  readonly onDrop: (reason: LogDropReason, entries: number) => void;
}

export type LogDropReason = "line_too_long" | "invalid_tenant";

/** Of all requests that are being filled, however many tenants there are: so many times what one may have. */
const openRequests = 8;

/** Loki takes 256 KiB; a frame of the queue must hold it. */
const longestEntry = 32 * 2 ** 20;

/** A request of so much is worth sending as soon as nobody adds to it. */
const worthwhile = 32 * 1024;

/** Senders that have more to give have given it by then. */
const quietMs = 5;

/** What a header can say. */
const tenantName = /^[\x21-\x7e]{0,1024}$/;

interface Stream {
  readonly of: Labels;
  readonly tenant: string;
  /** As they are sent. */
  readonly labels: string;
}

/** The request of a tenant that is being filled. */
interface Pending {
  readonly tenant: string;
  readonly request: PushRequestWriter;
  readonly accepted: PromiseWithResolvers<void>;
  readonly cancelWait: () => void;
  cancelQuiet: () => void;
  bytes: number;
  entries: number;
  oldest: bigint;
  newest: bigint;
}

/**
 * Gathers entries in the order in which they come, and appends them to the queue as requests that are ready to be sent, each
 * of one tenant:
 *
 *     {app="a", __tenant_id__="x"} ─┬─► request of x ─► when it is large enough, or its first entry has waited
 *     {app="b", __tenant_id__="x"} ─┘
 *     {app="a"} ──────────────────────► request of the endpoint's own tenant
 */
export class LogBatcher implements Receiver<"logs"> {
  readonly #queue: Queue;
  readonly #clock: Clock;
  readonly #onDrop: LogBatcherOptions["onDrop"];
  readonly #encoder = new SnappyEncoder();
  /** By tenant, that which was begun first in front. */
  readonly #pending = new Map<string, Pending>();
  #options: LogBatchingOptions;
  /** What was made of a sender's labels, who often sends the same array; what is in it may have changed. */
  #streams = new WeakMap<Labels, Stream>();

  constructor({ queue, clock, onDrop, ...options }: LogBatcherOptions) {
    this.#queue = queue;
    this.#clock = clock;
    this.#onDrop = onDrop;
    this.#options = options;
  }

  /** Entries that wait in requests that are being filled. */
  get pending(): number {
    return [...this.#pending.values()].reduce((sum, { entries }) => sum + entries, 0);
  }

  receive({ stream, timestamps, lines, metadata }: LogBatch): Promise<void> {
    const { tenant, labels } = this.#streamOf(stream);
    const accepted = new Set<Promise<void>>();
    if (!tenantName.test(tenant)) {
      this.#onDrop("invalid_tenant", lines.length);
      return Promise.resolve();
    }
    for (const [at, line] of lines.entries()) {
      const pairs = metadata?.[at];
      const bytes = entryBytes(line, pairs);
      if (bytes > longestEntry) {
        this.#onDrop("line_too_long", 1);
        continue;
      }
      const pending = this.#roomFor(tenant, labels, bytes);
      pending.request.stream(labels).append(timestamps[at]!, line, pairs);
      note(pending, timestamps[at]!, bytes);
      accepted.add(pending.accepted.promise);
      if (pending.bytes >= this.#options.limits.maxBytes) this.#close(pending);
    }
    this.#boundMemory();
    this.#closeWhenQuiet(this.#pending.get(tenant));
    const [only] = accepted;
    return accepted.size === 1 && only !== undefined ? only : Promise.all(accepted).then(() => {});
  }

  /** Appends what was gathered so far, however little; resolves when the queue holds it, or has given it back. */
  async flush(): Promise<void> {
    const gathered = [...this.#pending.values()];
    for (const pending of gathered) this.#close(pending);
    await Promise.allSettled(gathered.map(({ accepted }) => accepted.promise));
  }

  /** Holds for the entries to come; those gathered so far are appended as they are. */
  update(options: LogBatchingOptions): void {
    void this.flush();
    this.#options = options;
    this.#streams = new WeakMap();
  }

  #streamOf(stream: Labels): Stream {
    const known = this.#streams.get(stream);
    if (known !== undefined && equalLabels(known.of, stream)) return known;
    const labels = formatStreamLabels(withoutInternal(mergeLabels(this.#options.externalLabels, stream)));
    const fresh = { of: [...stream], tenant: labelValue(stream, tenantLabel), labels };
    this.#streams.set(stream, fresh);
    return fresh;
  }

  #roomFor(tenant: string, labels: string, bytes: number): Pending {
    const { maxBytes, maxStreams } = this.#options.limits;
    const pending = this.#pending.get(tenant);
    if (pending === undefined) return this.#open(tenant);
    const { request } = pending;
    const hasTooMany = maxStreams > 0 && request.streams >= maxStreams && !request.has(labels);
    if (pending.bytes + bytes <= maxBytes && !hasTooMany) return pending;
    this.#close(pending);
    return this.#open(tenant);
  }

  #open(tenant: string): Pending {
    const pending: Pending = {
      tenant,
      request: new PushRequestWriter(),
      accepted: Promise.withResolvers(),
      cancelWait: this.#clock.after(this.#options.limits.waitMs, () => this.#close(pending)),
      cancelQuiet: () => {},
      bytes: 0,
      entries: 0,
      oldest: latest,
      newest: earliest,
    };
    this.#pending.set(tenant, pending);
    return pending;
  }

  /**
   * A sender with a backlog gives no more before it has its acknowledgement: to let it wait for the whole time would make one
   * large file as slow as one batch in that time.
   */
  #closeWhenQuiet(pending: Pending | undefined): void {
    if (pending === undefined || pending.bytes < worthwhile) return;
    pending.cancelQuiet();
    pending.cancelQuiet = this.#clock.after(quietMs, () => this.#close(pending));
  }

  #close({ tenant, request, accepted, cancelWait, cancelQuiet, entries, oldest, newest }: Pending): void {
    this.#pending.delete(tenant);
    cancelWait();
    cancelQuiet();
    const allocate = (length: number) => this.#queue.allocate(length);
    const block = {
      payload: writeLogBlock(tenant, request.finish(), this.#encoder, allocate),
      records: entries,
      minTimestamp: Number(oldest / 1_000_000n),
      maxTimestamp: Number(newest / 1_000_000n),
      kind: logBlockKind,
    };
    this.#queue.append(block).then(accepted.resolve, accepted.reject);
  }

  #boundMemory(): void {
    let bytes = [...this.#pending.values()].reduce((sum, each) => sum + each.bytes, 0);
    for (const pending of this.#pending.values()) {
      if (bytes <= this.#options.limits.maxBytes * openRequests) return;
      bytes -= pending.bytes;
      this.#close(pending);
    }
  }
}

const tenantLabel = "__tenant_id__";

const earliest = -(2n ** 63n);
const latest = 2n ** 63n - 1n;

/** Labels that begin with `__` are for the pipeline, and end here. */
function withoutInternal(labels: Labels): Labels {
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (!labels[at]!.startsWith("__")) kept.push(labels[at]!, labels[at + 1]!);
  }
  return kept;
}

function entryBytes(line: string, metadata: Labels = []): number {
  return metadata.reduce((sum, text) => sum + Buffer.byteLength(text), Buffer.byteLength(line));
}

function note(pending: Pending, timestamp: bigint, bytes: number): void {
  pending.bytes += bytes;
  pending.entries++;
  if (timestamp < pending.oldest) pending.oldest = timestamp;
  if (timestamp > pending.newest) pending.newest = timestamp;
}
