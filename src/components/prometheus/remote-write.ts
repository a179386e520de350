import { type Context, counter, defineComponent, gauge, histogram, type Meters } from "../../component.ts";
import { pushEndpointOptions } from "../../config/fields/push-endpoint.ts";
import { type RemoteWrite, remoteWrite } from "../../config/fields/remote-write.ts";
import { type Attempt, type EndpointSettings, shownUrl } from "../../engines/push/endpoint.ts";
import { Endpoints } from "../../engines/push/endpoints.ts";
import { DiskQueue, type QueueSettings } from "../../engines/queue/disk-queue.ts";
import { type BatchingOptions, MetricBatcher } from "../../engines/queue/metric-batcher.ts";
import type { Backlog, DropReason } from "../../engines/queue/queue.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { every } from "../../lib/every.ts";
import type { Logger } from "../../lib/logger.ts";
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
    "Samples that were never delivered, by reason: queue_full, too_old, damaged (cannot be read back) or " +
      "disk_unavailable (the disk could not be written, and memory was full or the agent stopped).",
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
  backlogBytes: gauge("backlog_bytes", "Bytes that wait to be delivered, after compression.", endpointLabels),
  queueBytes: gauge("queue_bytes", "Size of the queue, on disk and in memory."),
  damaged: counter("queue_damaged_files_total", "Files of the queue in which damage was found; they are kept aside."),
  degraded: gauge("queue_degraded", "1 while the disk cannot be written and samples wait in memory only."),
};

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
    "The queue is on disk, below `storage.path`. It survives the end of the agent, SIGKILL and a crash too, and a restart " +
    "goes on where each endpoint stood; an endpoint is known by its name, so that its URL may change. While the disk " +
    "cannot be written, up to 16 MiB of samples wait in memory, and the component is unhealthy and says why; every five " +
    "seconds it tries the disk again. What cannot be read back is skipped, counted, and kept aside in `quarantine`. When " +
    "the agent stops, it delivers what it can within `storage.shutdown_timeout`, and leaves the rest on disk.",
  accepts: "metrics",
  metrics,
  config: remoteWrite,
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
    const { world, log, configDir } = context;
    const counts = new Counts(context.metrics);
    let trouble: string | undefined;
    const queue = queueOf(initial, context, counts, (reason) => {
      trouble = reason;
      showHealth();
    });
    const batcher = new MetricBatcher({ ...batchingOf(initial), queue, clock: world.clock });
    const endpoints = new Endpoints(settingsOf(initial, configDir), {
      clock: world.clock,
      random: world.random,
      log,
      source: (name) => queue.reader(name),
      onAttempt: (attempt) => counts.attempt(attempt),
      onHealth: showHealth,
    });
    watchEndpoints();

    function showHealth(): void {
      const reason = [trouble, endpoints.reason].filter(Boolean).join("; ");
      context.setHealth(reason === "" ? "healthy" : "unhealthy", reason);
    }

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
        queue.start();
        try {
          const refreshing = every(world.clock, 5000, stop, refresh);
          await endpoints.run(stop, () => batcher.flush(), world.shutdownTimeoutMs * drainShare);
          await refreshing;
          logRest(endpoints.settings, queue, log);
        } finally {
          await queue.close(world.shutdownTimeoutMs * closeShare);
        }
      },
      update(changed) {
        batcher.update(batchingOf(changed));
        endpoints.replace(settingsOf(changed, configDir));
        watchEndpoints();
        queue.configure(queueSettings(changed));
      },
      debug: () => ({
        queue_bytes: queue.size,
        queue_segments: queue.segments,
        queue_trouble: trouble,
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

/** Then the queue brings to disk what came last. */
const closeShare = 0.1;

function queueOf(
  config: RemoteWrite,
  { world, dataDir, log, metrics: { damaged, degraded } }: Context<never, typeof metrics>,
  counts: Counts,
  onTrouble: (reason: string | undefined) => void,
): DiskQueue {
  return new DiskQueue({
    ...queueSettings(config),
    disk: realDisk,
    folder: dataDir,
    clock: world.clock,
    random: world.random,
    onDrop: (endpoint, reason, records) => counts.drop(endpoint, reason, records),
    onTrouble(reason) {
      degraded.set(reason === undefined ? 0 : 1);
      if (reason === undefined) log.info("the queue is on disk again");
      else log.error("samples wait in memory only", { error: reason });
      onTrouble(reason);
    },
    onDamage(path) {
      damaged.inc();
      log.error("a file of the queue is damaged; what can be read is delivered", { path });
    },
    onReadFailure: (error) => log.warn("cannot read the queue, trying again", { error }),
  });
}

function queueSettings({ queue_config }: RemoteWrite): QueueSettings {
  const { max_bytes, max_age, min_free, sync } = queue_config;
  return { maxBytes: max_bytes, maxAgeMs: max_age, minFree: min_free, sync };
}

function logRest(endpoints: readonly EndpointSettings[], queue: DiskQueue, log: Logger): void {
  for (const { name } of endpoints) {
    const { records } = queue.reader(name).backlog();
    if (records > 0) log.info("samples stay in the queue until the agent runs again", { endpoint: name, records });
  }
}

function batchingOf({
  external_labels,
  send_exemplars,
  send_native_histograms,
  queue_config,
}: RemoteWrite): BatchingOptions {
  return {
    externalLabels: labelsFrom(external_labels),
    sendExemplars: send_exemplars,
    sendNativeHistograms: send_native_histograms,
    limits: { maxSamples: queue_config.max_samples_per_send, deadlineMs: queue_config.batch_send_deadline },
  };
}

function settingsOf({ endpoints }: RemoteWrite, configDir: string): EndpointSettings[] {
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

  drop(endpoint: string, reason: DropReason, records: number): void {
    this.#metrics.dropped.inc({ ...this.#labelsOf(endpoint), reason }, records);
  }

  backlog(endpoint: string, { records, bytes, oldestMs }: Backlog): void {
    this.#metrics.pending.set(this.#labelsOf(endpoint), records);
    this.#metrics.oldest.set(this.#labelsOf(endpoint), oldestMs / 1000);
    this.#metrics.backlogBytes.set(this.#labelsOf(endpoint), bytes);
  }

  #labelsOf(endpoint: string) {
    return this.#labels.get(endpoint) ?? { remote_name: endpoint, url: "" };
  }
}
