import { Instants } from "../../formats/loki-push/instants.ts";
import { logBlockKind, writeLogBlock } from "../../formats/loki-push/log-block.ts";
import { PushRequestWriter } from "../../formats/loki-push/request-writer.ts";
import { formatStreamLabels } from "../../formats/loki-push/stream-labels.ts";
import { BufferPool } from "../../lib/buffer-pool.ts";
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

/** Room that a request has at first. */
const smallestRequest = 16 * 1024;

/** Memory of requests that were filled, kept for the next ones. */
const idleBytes = 3 * 2 ** 20;

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
  /** In milliseconds. */
  oldest: number;
  newest: number;
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
  readonly #memory = new BufferPool(idleBytes);
  readonly #time = new Instants();
  /** By tenant, that which was begun first in front. */
  readonly #pending = new Map<string, Pending>();
  /** Bytes of the last request: the next one is most likely as large. */
  #expected = smallestRequest;
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

  receive(batch: LogBatch): Promise<void> {
    const { stream, timestamps } = batch;
    const { tenant, labels } = this.#streamOf(stream);
    if (!tenantName.test(tenant)) {
      this.#onDrop("invalid_tenant", timestamps.length);
      return Promise.resolve();
    }
    const accepted = this.#gather(batch, tenant, labels);
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

  /** What is to be waited for. Where lines are there as UTF-8, no string is made of them. */
  #gather(batch: LogBatch, tenant: string, labels: string): Set<Promise<void>> {
    const { timestamps, utf8, metadata } = batch;
    const lines = utf8 === undefined ? batch.lines : undefined;
    const accepted = new Set<Promise<void>>();
    const time = this.#time;
    time.open(timestamps);
    let pending: Pending | undefined;
    for (let at = 0; at < timestamps.length; at++) {
      const pairs = metadata?.[at];
      const lineBytes = utf8 === undefined ? Buffer.byteLength(lines![at]!) : utf8.ends[at]! - utf8.starts[at]!;
      const bytes = pairs === undefined ? lineBytes : lineBytes + metadataBytes(pairs);
      if (bytes > longestEntry) {
        this.#onDrop("line_too_long", 1);
        continue;
      }
      // The others of a batch nearly always go where the one before went.
      if (pending === undefined || pending.bytes + bytes > this.#options.limits.maxBytes) {
        pending = this.#roomFor(tenant, labels, bytes);
        pending.request.open(labels);
        accepted.add(pending.accepted.promise);
      }
      time.read(at);
      if (utf8 === undefined) pending.request.append(time, lines![at]!, lineBytes, pairs);
      else pending.request.appendUtf8(time, utf8.bytes, utf8.starts[at]!, utf8.ends[at]!, pairs);
      note(pending, time, bytes);
      if (pending.bytes < this.#options.limits.maxBytes) continue;
      this.#close(pending);
      pending = undefined;
    }
    return accepted;
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
      request: new PushRequestWriter(this.#memory, this.#expected),
      accepted: Promise.withResolvers(),
      cancelWait: this.#clock.after(this.#options.limits.waitMs, () => this.#close(pending)),
      cancelQuiet: () => {},
      bytes: 0,
      entries: 0,
      oldest: Number.POSITIVE_INFINITY,
      newest: Number.NEGATIVE_INFINITY,
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
    this.#expected = Math.min(Math.max(request.length, smallestRequest), this.#options.limits.maxBytes * 2);
    const whole = request.finish((length) => this.#memory.take(length));
    const payload = writeLogBlock(tenant, whole, this.#encoder, (length) => this.#queue.allocate(length));
    this.#memory.give(whole);
    const block = { payload, records: entries, minTimestamp: oldest, maxTimestamp: newest, kind: logBlockKind };
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

/** Labels that begin with `__` are for the pipeline, and end here. */
function withoutInternal(labels: Labels): Labels {
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (!labels[at]!.startsWith("__")) kept.push(labels[at]!, labels[at + 1]!);
  }
  return kept;
}

function metadataBytes(metadata: Labels): number {
  return metadata.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function note(pending: Pending, { seconds, nanos }: Instants, bytes: number): void {
  const ms = seconds * 1000 + Math.floor(nanos / 1e6);
  pending.bytes += bytes;
  pending.entries++;
  if (ms < pending.oldest) pending.oldest = ms;
  if (ms > pending.newest) pending.newest = ms;
}
