import type { PushRequest } from "./block-codec.ts";
import { type Attempt, type EndpointSettings, shownUrl } from "./endpoint.ts";
import type { Outcome, Written } from "./push-client.ts";

type EndpointLabels = Record<"remote_name" | "url", string>;

interface Counter {
  inc(labels: EndpointLabels, value?: number): void;
}

interface Gauge {
  set(labels: EndpointLabels, value: number): void;
}

interface DropCounter {
  inc(labels: EndpointLabels & Record<"reason", string>, value?: number): void;
}

/** Prometheus' metrics of its remote storage, and those that only a queue on disk has. */
export interface RemoteStorageMeters {
  readonly samples: Counter;
  readonly failed: Counter;
  readonly retried: Counter;
  readonly dropped: DropCounter;
  readonly histograms: Counter;
  readonly histogramsFailed: Counter;
  readonly histogramsRetried: Counter;
  readonly histogramsDropped: DropCounter;
  readonly exemplars: Counter;
  readonly exemplarsFailed: Counter;
  readonly exemplarsRetried: Counter;
  readonly bytes: Counter;
  readonly duration: { observe(labels: EndpointLabels, seconds: number): void };
  readonly metadata: Counter;
  readonly metadataFailed: Counter;
  readonly metadataRetried: Counter;
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
      for (const counter of countersOf(meters)) counter.inc(labels, 0);
      for (const reason of dropReasons) meters.dropped.inc({ ...labels, reason }, 0);
      meters.histogramsDropped.inc({ ...labels, reason: unsendableReason }, 0);
    }
  }

  attempt({ endpoint, request, outcome, durationMs }: Attempt): void {
    const labels = this.#labelsOf(endpoint.name);
    const { payload, maxTimestamp } = request;
    const { bytes, duration, highestSent } = this.#meters;
    const sent = countsOf(request);
    this.#count(labels, "", sent);
    bytes.inc(labels, payload.length);
    duration.observe(labels, durationMs / 1000);
    if (outcome.kind === "delivered") {
      highestSent.set(labels, maxTimestamp / 1000);
      this.#count(labels, "Failed", missingOf(outcome, sent));
    } else this.#count(labels, outcome.kind === "reject" ? "Failed" : "Retried", sent);
  }

  /** Metadata that were sent beside the samples. */
  aside(endpoint: string, families: number, bytes: number, { kind }: Outcome): void {
    const labels = this.#labelsOf(endpoint);
    const { metadata, metadataFailed, metadataRetried, metadataBytes } = this.#meters;
    metadata.inc(labels, families);
    metadataBytes.inc(labels, bytes);
    if (kind === "retry") metadataRetried.inc(labels, families);
    else if (kind !== "delivered") metadataFailed.inc(labels, families);
  }

  drop(endpoint: string, reason: string, records: number): void {
    const { dropped, histogramsDropped } = this.#meters;
    const counter = reason === unsendableReason ? histogramsDropped : dropped;
    counter.inc({ ...this.#labelsOf(endpoint), reason }, records);
  }

  /** What waits: samples, bytes, and for how many milliseconds the oldest has. */
  backlog(endpoint: string, backlog: { records: number; bytes: number; oldestMs: number }): void {
    const labels = this.#labelsOf(endpoint);
    this.#meters.pending.set(labels, backlog.records);
    this.#meters.oldest.set(labels, backlog.oldestMs / 1000);
    this.#meters.backlogBytes.set(labels, backlog.bytes);
  }

  #count(labels: EndpointLabels, what: "" | "Failed" | "Retried", { samples, histograms, exemplars }: Counts): void {
    const meters = this.#meters;
    const ofSamples = { "": meters.samples, Failed: meters.failed, Retried: meters.retried }[what];
    if (samples > 0) ofSamples.inc(labels, samples);
    if (histograms > 0) meters[`histograms${what}`].inc(labels, histograms);
    if (exemplars > 0) meters[`exemplars${what}`].inc(labels, exemplars);
  }

  #labelsOf(endpoint: string): EndpointLabels {
    return this.#labels.get(endpoint) ?? { remote_name: endpoint, url: "" };
  }
}

type Counts = Written;

/** Of MetricDropReason in engines/queue. */
const dropReasons = ["queue_full", "too_old", "damaged", "disk_unavailable", "dropped_series"];

/** Histograms with custom buckets, which 1.0 has no place for. */
const unsendableReason = "nhcb_in_rw1_not_supported";

/** They are there from the start, as Prometheus' are: a rate needs the 0 as well, and so does an alert on the first drop. */
function countersOf(meters: RemoteStorageMeters): Counter[] {
  const { samples, failed, retried, bytes, metadata, metadataFailed, metadataRetried, metadataBytes } = meters;
  const { histograms, histogramsFailed, histogramsRetried, exemplars, exemplarsFailed, exemplarsRetried } = meters;
  const rare = [histograms, histogramsFailed, histogramsRetried, exemplars, exemplarsFailed, exemplarsRetried];
  return [samples, failed, retried, bytes, metadata, metadataFailed, metadataRetried, metadataBytes, ...rare];
}

function countsOf({ records, histograms = 0, exemplars = 0 }: PushRequest): Counts {
  return { samples: records - histograms - exemplars, histograms, exemplars };
}

/** What a receiver of 2.0 has taken and, as it says itself, not written. */
function missingOf({ written }: { readonly written?: Written }, sent: Counts): Counts {
  if (written === undefined) return { samples: 0, histograms: 0, exemplars: 0 };
  const missing = (kind: keyof Counts) => Math.max(0, sent[kind] - written[kind]);
  return { samples: missing("samples"), histograms: missing("histograms"), exemplars: missing("exemplars") };
}
