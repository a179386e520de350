import { type Attempt, type EndpointSettings, shownUrl } from "./endpoint.ts";
import type { Outcome, Written } from "./push-client.ts";

type EndpointLabels = Record<"remote_name" | "url", string>;

interface Counter {
  inc(labels: EndpointLabels, value?: number): void;
}

interface Gauge {
  set(labels: EndpointLabels, value: number): void;
}

/** Prometheus' metrics of its remote storage, and those that only a queue on disk has. */
export interface RemoteStorageMeters {
  readonly samples: Counter;
  readonly failed: Counter;
  readonly retried: Counter;
  readonly dropped: { inc(labels: EndpointLabels & Record<"reason", string>, value?: number): void };
  readonly bytes: Counter;
  readonly duration: { observe(labels: EndpointLabels, seconds: number): void };
  readonly metadata: Counter;
  readonly metadataFailed: Counter;
  readonly metadataBytes: Counter;
  readonly pending: Gauge;
  readonly highestSent: Gauge;
  readonly shards: Gauge;
  readonly shardsMax: Gauge;
  readonly shardsMin: Gauge;
  readonly shardsDesired: Gauge;
  readonly maxSamplesPerSend: Gauge;
  readonly oldest: Gauge;
  readonly backlogBytes: Gauge;
}

/** Turns what happens into self-metrics, labelled as Prometheus labels them. */
export class RemoteStorageCounts {
  readonly #meters: RemoteStorageMeters;
  readonly #labels = new Map<string, EndpointLabels>();

  constructor(meters: RemoteStorageMeters) {
    this.#meters = meters;
  }

  /** The endpoints that there are, and how many requests of how many samples may be under way to each. */
  watch(
    endpoints: readonly EndpointSettings[],
    {
      max_shards: shards,
      max_samples_per_send: maxSamplesPerSend,
    }: { max_shards: number; max_samples_per_send: number },
  ): void {
    const meters = this.#meters;
    for (const { name, url } of endpoints) {
      const labels = { remote_name: name, url: shownUrl(url) };
      this.#labels.set(name, labels);
      for (const gauge of [meters.shards, meters.shardsMax, meters.shardsMin, meters.shardsDesired]) {
        gauge.set(labels, shards);
      }
      meters.maxSamplesPerSend.set(labels, maxSamplesPerSend);
    }
  }

  attempt({ endpoint, request, outcome, durationMs }: Attempt): void {
    const labels = this.#labelsOf(endpoint.name);
    const { records, payload, maxTimestamp } = request;
    const { samples, bytes, duration, failed, retried, highestSent } = this.#meters;
    samples.inc(labels, records);
    bytes.inc(labels, payload.length);
    duration.observe(labels, durationMs / 1000);
    if (outcome.kind === "delivered") {
      highestSent.set(labels, maxTimestamp / 1000);
      const missing = missingOf(outcome, records);
      if (missing > 0) failed.inc(labels, missing);
    } else if (outcome.kind === "reject") failed.inc(labels, records);
    else retried.inc(labels, records);
  }

  /** Metadata that were sent beside the samples. */
  aside(endpoint: string, families: number, bytes: number, { kind }: Outcome): void {
    const labels = this.#labelsOf(endpoint);
    const { metadata, metadataFailed, metadataBytes } = this.#meters;
    metadata.inc(labels, families);
    metadataBytes.inc(labels, bytes);
    if (kind !== "delivered") metadataFailed.inc(labels, families);
  }

  drop(endpoint: string, reason: string, records: number): void {
    this.#meters.dropped.inc({ ...this.#labelsOf(endpoint), reason }, records);
  }

  /** What waits: samples, bytes, and for how many milliseconds the oldest has. */
  backlog(endpoint: string, backlog: { records: number; bytes: number; oldestMs: number }): void {
    const labels = this.#labelsOf(endpoint);
    this.#meters.pending.set(labels, backlog.records);
    this.#meters.oldest.set(labels, backlog.oldestMs / 1000);
    this.#meters.backlogBytes.set(labels, backlog.bytes);
  }

  #labelsOf(endpoint: string): EndpointLabels {
    return this.#labels.get(endpoint) ?? { remote_name: endpoint, url: "" };
  }
}

/** What a receiver of 2.0 has taken and, as it says itself, not written. */
function missingOf({ written }: { readonly written?: Written }, records: number): number {
  return written === undefined ? 0 : records - written.samples - written.histograms - written.exemplars;
}
