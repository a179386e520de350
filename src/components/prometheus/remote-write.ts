import { z } from "zod";
import { counter, defineComponent, gauge, histogram, type Meters } from "../../component.ts";
import { pushEndpointOptions, pushEndpoints } from "../../config/fields/push-endpoint.ts";
import { bytes, duration, labelName, positiveDuration } from "../../config/fields.ts";
import { type Attempt, type EndpointSettings, shownUrl } from "../../engines/push/endpoint.ts";
import { Endpoints } from "../../engines/push/endpoints.ts";
import { MemoryQueue } from "../../engines/queue/memory-queue.ts";
import { type BatchingOptions, MetricBatcher } from "../../engines/queue/metric-batcher.ts";
import type { Backlog, DropReason, QueueBounds } from "../../engines/queue/queue.ts";
import { every } from "../../lib/every.ts";
import { labelsFrom } from "../../signals/labels.ts";

const endpointLabels = ["remote_name", "url"] as const;

const metrics = {
  samples: counter(
    "prometheus_remote_storage_samples_total",
    "Samples sent to the endpoint, those sent again among them.",
    endpointLabels,
  ),
  failed: counter(
    "prometheus_remote_storage_samples_failed_total",
    "Samples that the endpoint rejected for good.",
    endpointLabels,
  ),
  retried: counter(
    "prometheus_remote_storage_samples_retried_total",
    "Samples whose sending failed, and which are sent again.",
    endpointLabels,
  ),
  dropped: counter(
    "prometheus_remote_storage_samples_dropped_total",
    "Samples that were never delivered, by reason: queue_full, too_old or shutdown.",
    [...endpointLabels, "reason"],
  ),
  bytes: counter("prometheus_remote_storage_bytes_total", "Bytes sent, after compression.", endpointLabels),
  duration: histogram(
    "prometheus_remote_storage_sent_batch_duration_seconds",
    "Duration of the attempts to send.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300],
    endpointLabels,
  ),
  pending: gauge("prometheus_remote_storage_samples_pending", "Samples that wait to be delivered.", endpointLabels),
  highestSent: gauge(
    "prometheus_remote_storage_queue_highest_sent_timestamp_seconds",
    "Time of the newest sample that the endpoint took.",
    endpointLabels,
  ),
  oldest: gauge("oldest_block_age_seconds", "How long the oldest undelivered samples have waited.", endpointLabels),
  queueBytes: gauge("queue_bytes", "Size of the queue."),
};

const config = z.strictObject({
  external_labels: z
    .record(labelName, z.string())
    .default({})
    .describe("Labels for every series that has none of the name already."),
  endpoints: pushEndpoints.describe(
    "Where to send to. Every endpoint gets every sample; one that is slow or gone holds up no other.",
  ),
  send_exemplars: z.boolean().default(true).describe("Whether exemplars are sent, where a scrape finds them."),
  send_native_histograms: z
    .boolean()
    .default(true)
    .describe("Whether native histograms are sent, where a scrape takes them."),
  queue_config: z
    .strictObject({
      max_samples_per_send: z.int().min(1).default(2000).describe("Samples in one request."),
      batch_send_deadline: duration.prefault("5s").describe("How long a sample waits for others to be sent with."),
      max_bytes: bytes
        .refine((size) => size > 0, "must be larger than 0")
        .prefault("64MiB")
        .describe("Size of the queue, in memory and compressed; beyond it the oldest samples are dropped."),
      max_age: positiveDuration
        .prefault("24h")
        .describe("How long samples wait for an endpoint that does not take them."),
    })
    .prefault({})
    .describe("The queue that all endpoints read from."),
});

type Config = z.output<typeof config>;

export const prometheusRemoteWrite = defineComponent({
  type: "prometheus.remote_write",
  summary: "Sends metrics to Prometheus, Mimir, VictoriaMetrics and everything else that takes remote write.",
  description:
    "Samples go out in the order in which they came, as remote write 1.0; native histograms and exemplars count as " +
    "samples everywhere. While an endpoint cannot be reached, is " +
    "overloaded (5xx, 429) or does not answer in time, the queue keeps its samples and the same request is sent again, " +
    "for as long as the bounds of the queue allow. An endpoint that refuses all requests (401, 403, 404) is parked: its " +
    "samples are kept too, and it is asked again every few minutes. A request that an endpoint calls invalid (400, 409, " +
    "422 and other 4xx) is dropped and counted.\n\n" +
    "The queue is in memory: when the agent stops, it delivers what it can within `storage.shutdown_timeout`; the rest " +
    "is lost and counted.",
  accepts: "metrics",
  metrics,
  config,
  example: `
prometheus.exporter.unix.host: {}

prometheus.scrape.host:
  targets: [prometheus.exporter.unix.host]
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  external_labels: { env: prod }
  endpoints:
    - url: https://prometheus.internal/api/v1/write
      basic_auth: { username: agent, password_file: /etc/sonde/password }
`,

  create(initial, context) {
    const { world, log, configDir, setHealth } = context;
    const counts = new Counts(context.metrics);
    const queue = new MemoryQueue({
      ...boundsOf(initial),
      clock: world.clock,
      onDrop: (reader, reason, block) => counts.drop(reader, reason, block.records),
    });
    const batcher = new MetricBatcher({ ...batchingOf(initial), queue, clock: world.clock });
    const endpoints = new Endpoints(settingsOf(initial, configDir), {
      clock: world.clock,
      random: world.random,
      log,
      source: (name) => queue.reader(name),
      onAttempt: (attempt) => counts.attempt(attempt),
      onHealth: () => setHealth(endpoints.reason === "" ? "healthy" : "unhealthy", endpoints.reason),
    });
    watchEndpoints();

    /** Before anything is appended: a reader sees only what comes after it. */
    function watchEndpoints(): void {
      const names = endpoints.settings.map(({ name }) => name);
      for (const name of names) queue.reader(name);
      queue.keepReaders(new Set(names));
      counts.watch(endpoints.settings);
    }

    function refresh(): void {
      context.metrics.queueBytes.set(queue.size);
      for (const { name } of endpoints.settings) counts.backlog(name, queue.reader(name).backlog());
    }

    return {
      input: batcher,
      async run(stop) {
        const refreshing = every(world.clock, 5000, stop, refresh);
        await endpoints.run(stop, () => batcher.flush(), world.shutdownTimeoutMs * drainShare);
        await refreshing;
        for (const { name } of endpoints.settings) {
          const { records } = queue.reader(name).backlog();
          if (records === 0) continue;
          counts.drop(name, "shutdown", records);
          log.error("samples lost: the endpoint did not take them before the agent stopped", {
            endpoint: name,
            records,
          });
        }
      },
      update(changed) {
        batcher.update(batchingOf(changed));
        endpoints.replace(settingsOf(changed, configDir));
        watchEndpoints();
        queue.setBounds(boundsOf(changed));
      },
      debug: () => ({
        queue_bytes: queue.size,
        batching: batcher.pending,
        endpoints: endpoints.debug((name) => {
          const { blocks, bytes, records, oldestMs } = queue.reader(name).backlog();
          return { backlog: { blocks, bytes, samples: records, oldest_seconds: Math.round(oldestMs / 1000) } };
        }),
      }),
    };
  },
});

/** Of the time for stopping; the components that stop before this one need some of it, too. */
const drainShare = 0.8;

function boundsOf({ queue_config }: Config): QueueBounds {
  return { maxBytes: queue_config.max_bytes, maxAgeMs: queue_config.max_age };
}

function batchingOf({
  external_labels,
  send_exemplars,
  send_native_histograms,
  queue_config,
}: Config): BatchingOptions {
  return {
    externalLabels: labelsFrom(external_labels),
    sendExemplars: send_exemplars,
    sendNativeHistograms: send_native_histograms,
    limits: { maxSamples: queue_config.max_samples_per_send, deadlineMs: queue_config.batch_send_deadline },
  };
}

function settingsOf({ endpoints }: Config, configDir: string): EndpointSettings[] {
  return endpoints.map((endpoint) => {
    const options = pushEndpointOptions(endpoint, configDir);
    return { ...options, headers: { ...options.headers, ...protocolHeaders } };
  });
}

/** Remote write 1.0 (the specification, section "Protocol"). */
const protocolHeaders = {
  "Content-Encoding": "snappy",
  "Content-Type": "application/x-protobuf",
  "X-Prometheus-Remote-Write-Version": "0.1.0",
};

/** Turns what happens into self-metrics, labelled as Prometheus labels them. */
class Counts {
  readonly #metrics: Meters<typeof metrics>;
  readonly #labels = new Map<string, Record<(typeof endpointLabels)[number], string>>();

  constructor(meters: Meters<typeof metrics>) {
    this.#metrics = meters;
  }

  watch(endpoints: readonly EndpointSettings[]): void {
    for (const { name, url } of endpoints) this.#labels.set(name, { remote_name: name, url: shownUrl(url) });
  }

  attempt({ endpoint, block, outcome, durationMs }: Attempt): void {
    const labels = this.#labelsOf(endpoint.name);
    const { samples, bytes, duration, failed, retried, highestSent } = this.#metrics;
    samples.inc(labels, block.records);
    bytes.inc(labels, block.payload.length);
    duration.observe(labels, durationMs / 1000);
    if (outcome.kind === "delivered") highestSent.set(labels, block.maxTimestamp / 1000);
    else if (outcome.kind === "reject") failed.inc(labels, block.records);
    else retried.inc(labels, block.records);
  }

  drop(endpoint: string, reason: DropReason | "shutdown", records: number): void {
    this.#metrics.dropped.inc({ ...this.#labelsOf(endpoint), reason }, records);
  }

  backlog(endpoint: string, { records, oldestMs }: Backlog): void {
    this.#metrics.pending.set(this.#labelsOf(endpoint), records);
    this.#metrics.oldest.set(this.#labelsOf(endpoint), oldestMs / 1000);
  }

  #labelsOf(endpoint: string) {
    return this.#labels.get(endpoint) ?? { remote_name: endpoint, url: "" };
  }
}
