import { type Labels, labelsFrom, labelValue } from "../../src/signals/labels.ts";
import type { SentEntry, SentStream } from "../reference/loki-push.ts";

/** Loki's own defaults (limits_config), sizes in bytes. */
export const lokiLimits = {
  maxLineSize: 256 * 1024,
  maxLabelNames: 15,
  maxLabelName: 1024,
  maxLabelValue: 2048,
  maxMetadataBytes: 64 * 1024,
  maxMetadataLabels: 128,
  maxAgeMs: 7 * 24 * 3_600_000,
  maxAheadMs: 600_000,
  /** Half of max_chunk_age: an entry may be so much older than the newest of its stream. */
  windowMs: 3_600_000,
  rateBytes: 4 * 2 ** 20,
  burstBytes: 6 * 2 ** 20,
  streamRateBytes: 3 * 2 ** 20,
  streamBurstBytes: 15 * 2 ** 20,
  maxStreams: 5000,
};

export type LokiLimits = typeof lokiLimits;

export interface StoredEntry extends SentEntry {
  readonly tenant: string;
  readonly stream: Labels;
}

export interface Verdict {
  readonly status: number;
  readonly body: string;
}

interface ValidStream {
  readonly labels: Labels;
  /** The labels as they were sent. */
  readonly text: string;
  readonly entries: readonly SentEntry[];
}

interface StoredStream {
  newest: bigint;
  bucket: Bucket;
  readonly seen: Set<string>;
}

/** What Loki's distributor and ingester say to a request, and what they store of it; section 8 of the notes on Loki push. */
export class LokiRules {
  readonly #limits: LokiLimits;
  readonly #streams = new Map<string, Map<string, StoredStream>>();
  readonly #buckets = new Map<string, Bucket>();
  /** In the order in which they were stored. */
  readonly entries: StoredEntry[] = [];
  /** Entries that a stream had already, with the same time, line and metadata. */
  duplicates = 0;

  constructor(limits: LokiLimits) {
    this.#limits = limits;
  }

  /** `now` in milliseconds. The valid entries are stored even where others of the request are refused. */
  push(tenant: string, streams: readonly SentStream[], now: number): Verdict {
    if (streams.length === 0) return { status: 422, body: "at least one stream is required" };
    const refusals: string[] = [];
    const valid = streams.flatMap((stream) => this.#validate(stream, now, refusals));
    const bytes = valid.flatMap(({ entries }) => entries).reduce((sum, entry) => sum + sizeOf(entry), 0);
    const { rateBytes, burstBytes } = this.#limits;
    if (!bucketOf(this.#buckets, tenant, rateBytes, burstBytes, now).take(bytes, now)) {
      const body = `ingestion rate limit exceeded for user ${tenant} (limit: ${rateBytes} bytes/sec) while attempting to ingest`;
      return { status: 429, body };
    }
    const limited: string[] = [];
    for (const stream of valid) {
      this.#store(tenant, stream, now, refusals, limited);
    }
    const [first] = limited.length > 0 ? limited : refusals;
    if (first === undefined) return { status: 204, body: "" };
    return { status: limited.length > 0 ? 429 : 400, body: [...new Set([...limited, ...refusals])].join("\n") };
  }

  /** What is valid of a stream; none where its labels are not. */
  #validate({ labels: text, entries }: SentStream, now: number, refusals: string[]): ValidStream[] {
    const labels = parseLabels(text);
    const reason = typeof labels === "string" ? labels : this.#refuseLabels(labels, text);
    if (reason !== undefined) refusals.push(reason);
    if (typeof labels === "string" || reason !== undefined) return [];
    const valid: SentEntry[] = [];
    for (const entry of entries) {
      const why = this.#refuseEntry(entry, text, now);
      if (why === undefined) valid.push(entry);
      else refusals.push(why);
    }
    return valid.length > 0 ? [{ labels, text, entries: valid }] : [];
  }

  #refuseLabels(labels: Labels, text: string): string | undefined {
    const { maxLabelNames, maxLabelName, maxLabelValue } = this.#limits;
    if (labels.length === 0) return "error at least one label pair is required per stream";
    const names = labels.length / 2 - (labelValue(labels, "service_name") === "" ? 0 : 1);
    if (names > maxLabelNames) return `entry for stream '${text}' has ${names} label names; limit ${maxLabelNames}`;
    for (let at = 0; at < labels.length; at += 2) {
      if (bytesOf(labels[at]!) > maxLabelName) return `stream '${text}' has label name too long: '${labels[at]}'`;
      if (bytesOf(labels[at + 1]!) > maxLabelValue)
        return `stream '${text}' has label value too long: '${labels[at + 1]}'`;
    }
    return undefined;
  }

  #refuseEntry({ timestamp, line, metadata }: SentEntry, text: string, now: number): string | undefined {
    const { maxLineSize, maxAgeMs, maxAheadMs, maxMetadataBytes, maxMetadataLabels } = this.#limits;
    if (timestamp < nanos(now - maxAgeMs))
      return `entry for stream '${text}' has timestamp too old: ${timeOf(timestamp)}, oldest acceptable timestamp is: ${timeOf(nanos(now - maxAgeMs))}`;
    if (timestamp > nanos(now + maxAheadMs))
      return `entry for stream '${text}' has timestamp too new: ${timeOf(timestamp)}`;
    if (bytesOf(line) > maxLineSize)
      return `max entry size '${maxLineSize}' bytes exceeded for stream '${text}' while adding an entry with length '${bytesOf(line)}' bytes`;
    const metadataBytes = metadata.reduce((sum, each) => sum + bytesOf(each), 0);
    if (metadataBytes > maxMetadataBytes)
      return `stream '${text}' has structured metadata too large: '${metadataBytes}' bytes, limit: '${maxMetadataBytes}' bytes`;
    if (metadata.length / 2 > maxMetadataLabels)
      return `stream '${text}' has too many structured metadata labels: '${metadata.length / 2}' labels, limit: '${maxMetadataLabels}' labels`;
    return undefined;
  }

  /** What the ingester refuses of it goes to `refusals`, what a rate stops to `limited`. */
  #store(
    tenant: string,
    { labels, text, entries }: ValidStream,
    now: number,
    refusals: string[],
    limited: string[],
  ): void {
    const streams = this.#streams.get(tenant) ?? new Map<string, StoredStream>();
    this.#streams.set(tenant, streams);
    const { maxStreams, streamRateBytes, streamBurstBytes, windowMs } = this.#limits;
    const key = JSON.stringify(labels);
    if (!streams.has(key) && streams.size >= maxStreams) {
      limited.push(`maximum active stream limit exceeded when trying to create stream ${text}, user: ${tenant}`);
      return;
    }
    const stored = streams.get(key) ?? {
      newest: entries[0]?.timestamp ?? 0n,
      bucket: new Bucket(streamRateBytes, streamBurstBytes, now),
      seen: new Set<string>(),
    };
    streams.set(key, stored);
    for (const entry of entries) {
      const oldest = stored.newest - nanos(windowMs);
      if (entry.timestamp < oldest) {
        refusals.push(
          `entry with timestamp ${timeOf(entry.timestamp)} ignored, reason: 'entry too far behind, entry timestamp is: ${timeOf(entry.timestamp)}, oldest acceptable timestamp is: ${timeOf(oldest)}', user '${tenant}', for stream: ${text}`,
        );
      } else if (!stored.bucket.take(sizeOf(entry), now)) {
        limited.push(
          `Per stream rate limit exceeded (limit: ${streamRateBytes}/sec) while attempting to ingest for stream '${text}'`,
        );
      } else this.#add({ ...entry, tenant, stream: labels }, stored);
    }
  }

  #add(entry: StoredEntry, stored: StoredStream): void {
    const key = `${entry.timestamp} ${JSON.stringify([entry.line, entry.metadata])}`;
    if (stored.seen.has(key)) this.duplicates++;
    else this.entries.push(entry);
    stored.seen.add(key);
    if (entry.timestamp > stored.newest) stored.newest = entry.timestamp;
  }
}

class Bucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = now;
  }

  take(bytes: number, now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    if (this.#tokens < bytes) return false;
    this.#tokens -= bytes;
    return true;
  }
}

function bucketOf(buckets: Map<string, Bucket>, key: string, rate: number, burst: number, now: number): Bucket {
  const bucket = buckets.get(key) ?? new Bucket(rate, burst, now);
  buckets.set(key, bucket);
  return bucket;
}

/** The labels, or what Loki says about a text that its parser does not take. */
function parseLabels(text: string): Labels | string {
  const [, inner] = /^\{(.*)\}$/s.exec(text) ?? [];
  const failure = `error parsing labels '${text}' with error: 1:1: parse error`;
  if (inner === undefined) return failure;
  const record: Record<string, string> = {};
  let rest = inner;
  while (rest !== "") {
    const [pair, name = "", value = ""] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n\ufffd]|\\(?:["\\abfnrtv]|u[0-9a-f]{4}))*)"(?:, |$)/.exec(rest) ?? [];
    if (pair === undefined) return failure;
    if (name in record) return `stream '${text}' has duplicate label name: '${name}'`;
    record[name] = JSON.parse(`"${value}"`);
    rest = rest.slice(pair.length);
  }
  return labelsFrom(record);
}

function sizeOf({ line, metadata }: SentEntry): number {
  return metadata.reduce((sum, each) => sum + bytesOf(each), bytesOf(line));
}

const bytesOf = Buffer.byteLength;

function nanos(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}

function timeOf(timestamp: bigint): string {
  return new Date(Number(timestamp / 1_000_000n)).toISOString();
}
