import { type Context, defineComponent } from "../../component.ts";
import { azureOptions, sigV4Options } from "../../config/fields/cloud-auth.ts";
import { endpointName, pushEndpointOptions } from "../../config/fields/push-endpoint.ts";
import { remoteStorageMetrics } from "../../config/fields/remote-storage-metrics.ts";
import { type RemoteWrite, remoteWrite } from "../../config/fields/remote-write.ts";
import { deadLettersIn } from "../../engines/push/dead-letters.ts";
import type { EndpointSettings } from "../../engines/push/endpoint.ts";
import { Endpoints } from "../../engines/push/endpoints.ts";
import { FamilyMemory } from "../../engines/push/family-memory.ts";
import { IncomingCounts } from "../../engines/push/incoming-counts.ts";
import { QueueExchange } from "../../engines/push/queue-exchange.ts";
import { rejectedSeries } from "../../engines/push/rejected-series.ts";
import { RemoteStorageCounts } from "../../engines/push/remote-storage-counts.ts";
import { Agreements, remoteWriteCodec } from "../../engines/push/remote-write-codec.ts";
import type { SignerFactory } from "../../engines/push/request-signer.ts";
import { Troubles } from "../../engines/push/troubles.ts";
import {
  MetricQueues,
  type MetricQueuesOptions,
  type MetricQueuesSettings,
} from "../../engines/queue/metric-queues.ts";
import type { Backlog } from "../../engines/queue/queue.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { every } from "../../lib/every.ts";
import type { Logger } from "../../lib/logger.ts";
import { labelsFrom } from "../../signals/labels.ts";

export const prometheusRemoteWrite = defineComponent({
  type: "prometheus.remote_write",
  summary: "Sends metrics to Prometheus, Mimir, VictoriaMetrics and everything else that takes remote write.",
  description:
    "Samples go out in the order in which they came, as remote write 1.0 or 2.0; in the queue and its bounds native " +
    "histograms and exemplars count as samples. While an endpoint cannot be reached, is " +
    "overloaded (5xx, 429) or does not answer in time, the queue keeps its samples and the same request is sent again, " +
    "for as long as the bounds of the queue allow. An endpoint that refuses all requests (401, 403, 404) is parked: its " +
    "samples are kept too, and it is asked again every few minutes. Of a request that an endpoint calls invalid (400, 409, " +
    "413, 422), halves are sent, and halves of those, until only the series that are at fault are left out. They are " +
    "counted, and stand with the words of the receiver in `dead-letters.jsonl` in the component's folder below " +
    "`storage.path`, as the newest 8 to 16 MiB of them.\n\n" +
    "The queue is on disk, below `storage.path`. It survives the end of the agent, SIGKILL and a crash too, and a restart " +
    "goes on where each endpoint stood; an endpoint is known by its name, so that its URL may change. While the disk " +
    "cannot be written, up to 16 MiB of samples wait in memory, and the component is unhealthy and says why; every five " +
    "seconds it tries the disk again. What cannot be read back is skipped, counted, and kept aside in `quarantine`. When " +
    "the agent stops, it delivers what it can within `storage.shutdown_timeout`, and leaves the rest on disk.",
  accepts: "metrics",
  metrics: remoteStorageMetrics,
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
    const { world, log, configDir, metrics } = context;
    const counts = new RemoteStorageCounts(metrics);
    const incoming = new IncomingCounts(metrics);
    const families = new FamilyMemory();
    const agreements = new Agreements();
    const drop = dropper(counts, log);
    const deadLetters = deadLettersIn(context.dataDir, realDisk, log);
    const health = new Troubles(["queue", "endpoints"], context.setHealth);
    let config = initial;
    const queues = new QueueExchange(
      queuesOf(config),
      (settings) =>
        new MetricQueues(settings, {
          ...queueSurroundings(context, drop, health),
          isBacklogged: () => endpoints.areFailing,
        }),
      world.shutdownTimeoutMs * closeShare,
    );
    const endpoints = new Endpoints(endpointsOf(config, configDir, agreements, drop), {
      ...world,
      log,
      sources: (name) => queues.current.sources(name),
      onAttempt: (attempt) => counts.attempt(attempt),
      onRejected: (endpoint, request, rejection) =>
        deadLetters.add(rejectedSeries(world.clock.now(), endpoint, request, rejection)),
      onHealth: () => health.set("endpoints", endpoints.reason),
    });
    const backlog = (name: string) => queues.current.backlog(name);
    const view = () => ({
      ...queues.current.view(),
      trouble: health.get("queue") ?? "",
      endpoints: endpoints.view(backlog),
    });
    counts.watch(endpoints.settings, config.queue_config);

    return {
      input: {
        receive(batch) {
          incoming.note(batch);
          families.note(batch.series.metadata);
          return queues.current.receive(batch);
        },
      },
      async run(stop) {
        queues.start();
        try {
          const refreshing = every(world.clock, 5000, stop, () => {
            metrics.queueBytes.set(queues.current.size);
            incoming.show();
            for (const { name } of endpoints.settings) counts.backlog(name, backlog(name));
          });
          const describing = describeFamilies(stop, world.clock, () => config, families, endpoints, counts);
          await endpoints.run(stop, () => queues.current.flush(), world.shutdownTimeoutMs * drainShare);
          await Promise.all([refreshing, describing]);
          logRest(endpoints.settings, backlog, log);
        } finally {
          await deadLetters.close();
          await queues.close();
        }
      },
      update(changed) {
        config = changed;
        queues.update(queuesOf(changed), () => endpoints.replace(endpointsOf(changed, configDir, agreements, drop)));
        counts.watch(endpoints.settings, config.queue_config);
      },
      queue: view,
      debug: view,
    };
  },
});

/** Of the time for stopping; the components that stop before this one need some of it, too. */
const drainShare = 0.8;

/** Then the queue brings to disk what came last. */
const closeShare = 0.1;

type RemoteWriteContext = Context<never, typeof remoteStorageMetrics>;

function queueSurroundings(
  { world, dataDir, log, metrics: { damaged, degraded } }: RemoteWriteContext,
  onDrop: MetricQueuesOptions["onDrop"],
  health: Troubles<"queue" | "endpoints">,
): Omit<MetricQueuesOptions, "isBacklogged"> {
  return {
    disk: realDisk,
    folder: dataDir,
    clock: world.clock,
    random: world.random,
    onDrop,
    onTrouble(reason) {
      degraded.set(reason === undefined ? 0 : 1);
      if (reason === undefined) log.info("the queue is on disk again");
      else log.error("samples wait in memory only", { error: reason });
      health.set("queue", reason);
    },
    onDamage(path) {
      damaged.inc();
      log.error("a file of the queue is damaged; what can be read is delivered", { path });
    },
    onReadFailure: (error) => log.warn("cannot read the queue, trying again", { error }),
  };
}

function queuesOf({ queue_config, endpoints, ...config }: RemoteWrite): MetricQueuesSettings {
  const { max_bytes, max_age, min_free, sync, max_shards } = queue_config;
  return {
    endpoints: endpoints.map((endpoint) => ({
      name: endpointName(endpoint),
      message: endpoint.protobuf_message,
      rules: endpoint.write_relabel_rules,
    })),
    shards: max_shards,
    batching: {
      externalLabels: labelsFrom(config.external_labels),
      sendExemplars: config.send_exemplars,
      sendNativeHistograms: config.send_native_histograms,
      limits: { maxSamples: queue_config.max_samples_per_send, deadlineMs: queue_config.batch_send_deadline },
    },
    queue: { maxBytes: max_bytes, maxAgeMs: max_age, minFree: min_free, sync },
  };
}

/** Counts what is dropped; of what only another setting would keep, there is a line in the log, too. */
function dropper(counts: RemoteStorageCounts, log: RemoteWriteContext["log"]): MetricQueuesOptions["onDrop"] {
  const told = new Set<string>();
  return (endpoint, reason, records) => {
    counts.drop(endpoint, reason, records);
    if (reason !== "nhcb_in_rw1_not_supported" || told.has(endpoint)) return;
    told.add(endpoint);
    const remedy = "set protobuf_message: io.prometheus.write.v2.Request";
    log.warn(`histograms with custom buckets are dropped: remote write 1.0 has no place for them; ${remedy}`, {
      endpoint,
    });
  };
}

function endpointsOf(
  { endpoints }: RemoteWrite,
  configDir: string,
  agreements: Agreements,
  onDrop: MetricQueuesOptions["onDrop"],
): EndpointSettings[] {
  return endpoints.map((endpoint) => {
    const options = pushEndpointOptions(endpoint, configDir);
    const codec = remoteWriteCodec(agreements.with(options, endpoint.protobuf_message), (histograms) =>
      onDrop(options.name, "nhcb_in_rw1_not_supported", histograms),
    );
    const signer = signerOf(endpoint);
    return { ...options, codec, ...(signer !== undefined && { signer }) };
  });
}

function signerOf({ sigv4, azuread }: RemoteWrite["endpoints"][number]): SignerFactory | undefined {
  if (sigv4 !== undefined) {
    return async (surroundings) => {
      const { sigV4Signer } = await import("../../engines/push/sigv4-signer.ts");
      return await sigV4Signer(sigV4Options(sigv4), surroundings);
    };
  }
  if (azuread === undefined) return undefined;
  return async (surroundings) => {
    const { azureSigner } = await import("../../engines/push/azure-signer.ts");
    return azureSigner(azureOptions(azuread), surroundings);
  };
}

/** Sends what is known of the metric families, again and again, to the endpoints that speak remote write 1.0. */
async function describeFamilies(
  stop: AbortSignal,
  clock: Clock,
  config: () => RemoteWrite,
  families: FamilyMemory,
  endpoints: Endpoints,
  counts: RemoteStorageCounts,
): Promise<void> {
  while (!stop.aborted) {
    const { send, send_interval, max_samples_per_send } = config().metadata_config;
    await sleep(clock, send_interval, stop);
    if (stop.aborted || !send) continue;
    for (const block of families.blocks(max_samples_per_send)) {
      await endpoints.sendAside(
        ({ codec }) => codec?.aside?.(block.payload, block.families),
        ({ name }, { payload, records }, outcome) => counts.aside(name, records, payload.length, outcome),
      );
    }
  }
}

function logRest(endpoints: readonly EndpointSettings[], backlog: (name: string) => Backlog, log: Logger): void {
  for (const { name } of endpoints) {
    const { records } = backlog(name);
    if (records > 0) log.info("samples stay in the queue until the agent runs again", { endpoint: name, records });
  }
}
