import { type Context, defineComponent } from "../../component.ts";
import { type LokiWrite, lokiEndpointOptions, lokiWriteConfig } from "../../config/fields/loki-write.ts";
import { lokiWriteMetrics } from "../../config/fields/loki-write-metrics.ts";
import { endpointName } from "../../config/fields/push-endpoint.ts";
import { deadLettersIn } from "../../engines/push/dead-letters.ts";
import type { EndpointSettings } from "../../engines/push/endpoint.ts";
import { Endpoints } from "../../engines/push/endpoints.ts";
import { lokiCodec } from "../../engines/push/loki-codec.ts";
import { LokiWriteCounts } from "../../engines/push/loki-write-counts.ts";
import { rejectedEntries } from "../../engines/push/rejected-entries.ts";
import { Troubles } from "../../engines/push/troubles.ts";
import { LogQueue, type LogQueueOptions, type LogQueueSettings } from "../../engines/queue/log-queue.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { every } from "../../lib/every.ts";
import { labelsFrom } from "../../signals/labels.ts";

export const lokiWrite = defineComponent({
  type: "loki.write",
  summary: "Sends logs to Loki, and to everything else that takes Loki's push API.",
  description:
    "Entries go out in the order in which they came. The label `__tenant_id__` of a stream names the tenant; labels that " +
    "begin with `__` are not sent. While an endpoint cannot be reached, is overloaded (5xx, 429) or does not answer in " +
    "time, the queue keeps its entries and the same request is sent again, for as long as the bounds of the queue allow. An " +
    "endpoint that refuses all requests (401, 403, 404) is parked: its entries are kept too, and it is asked again every few " +
    "minutes. Of a request that an endpoint calls invalid (400, 413), halves are sent, and halves of those, until only the " +
    "entries that are at fault are left out. They are counted, and stand with Loki's words in `dead-letters.jsonl` in the " +
    "component's folder below `storage.path`, as the newest 8 to 16 MiB of them.\n\n" +
    "The queue is on disk, below `storage.path`. An entry is acknowledged when the queue holds it; then it survives the end " +
    "of the agent, SIGKILL and a crash too, and a restart goes on where each endpoint stood. When the queue is full, or the " +
    "disk cannot be written, nothing is dropped: what sends to it waits, and goes on reading when there is room again. An " +
    "endpoint is known by its name, so that its URL may change. When the agent stops, it delivers what it can within " +
    "`storage.shutdown_timeout`, and leaves the rest on disk.",
  accepts: "logs",
  metrics: lokiWriteMetrics,
  config: lokiWriteConfig,
  example: `
loki.write.central:
  external_labels: { env: prod }
  endpoints:
    - url: https://loki.internal/loki/api/v1/push
      tenant_id: team-a
      basic_auth: { username: agent, password_file: /etc/sonde/password }
`,

  create(initial, context) {
    const { world, log, configDir, dataDir, metrics } = context;
    const counts = new LokiWriteCounts(metrics);
    const deadLetters = deadLettersIn(dataDir, realDisk, log);
    const health = new Troubles(["queue", "room", "endpoints"], context.setHealth);
    const queue = new LogQueue(queueOf(initial), queueSurroundings(context, counts, health));
    const endpoints = new Endpoints(endpointsOf(initial, configDir), {
      ...world,
      log,
      sources: (name) => [queue.source(name)],
      onAttempt: (attempt) => counts.attempt(attempt),
      onRejected: (endpoint, request, rejection) =>
        deadLetters.add(rejectedEntries(world.clock.now(), endpoint, request, rejection)),
      onHealth: () => health.set("endpoints", endpoints.reason),
    });
    const view = () => ({
      ...queue.view(),
      trouble: health.get("queue") ?? "",
      endpoints: endpoints.view((name) => queue.backlog(name)),
    });
    counts.watch(endpoints.settings);

    return {
      input: queue,
      async run(stop) {
        queue.start();
        try {
          const refreshing = every(world.clock, 5000, stop, () => {
            metrics.queueBytes.set(queue.size);
            metrics.waiting.set(queue.waiting);
            noteRoom(queue.waiting, health, context);
            for (const { name } of endpoints.settings) counts.backlog(name, queue.backlog(name));
          });
          const flush = () => flushWithin(world.shutdownTimeoutMs * flushShare, queue, world.clock);
          await endpoints.run(stop, flush, world.shutdownTimeoutMs * drainShare);
          await refreshing;
          logRest(endpoints.settings, queue, context);
        } finally {
          await deadLetters.close();
          await queue.close(world.shutdownTimeoutMs * closeShare);
        }
      },
      update(changed) {
        queue.update(queueOf(changed));
        void endpoints.replace(endpointsOf(changed, configDir));
        counts.watch(endpoints.settings);
      },
      queue: view,
      debug: view,
    };
  },
});

/** Of the time for stopping; the components that stop before this one need some of it, too. */
const drainShare = 0.8;

/** It is part of the drain. */
const flushShare = 0.2;

/** Then the queue brings to disk what came last. */
const closeShare = 0.1;

type LokiWriteContext = Context<never, typeof lokiWriteMetrics>;
type LokiTroubles = Troubles<"queue" | "room" | "endpoints">;

function queueSurroundings(
  { world, dataDir, log, metrics: { damaged, degraded } }: LokiWriteContext,
  counts: LokiWriteCounts,
  health: LokiTroubles,
): LogQueueOptions {
  return {
    disk: realDisk,
    folder: dataDir,
    clock: world.clock,
    random: world.random,
    onDrop: (endpoint, reason, entries) => counts.drop(endpoint, reason, entries),
    onTrouble(reason) {
      degraded.set(reason === undefined ? 0 : 1);
      if (reason === undefined) log.info("the queue is on disk again");
      else log.error("the queue cannot be written; what sends to it waits", { error: reason });
      health.set("queue", reason);
    },
    onDamage(path) {
      damaged.inc();
      log.error("a file of the queue is damaged; what can be read is delivered", { path });
    },
    onReadFailure: (error) => log.warn("cannot read the queue, trying again", { error }),
  };
}

function queueOf({ queue_config, external_labels, endpoints, ...config }: LokiWrite): LogQueueSettings {
  const { max_bytes, max_age, min_free, sync } = queue_config;
  return {
    endpoints: endpoints.map(endpointName),
    batching: {
      externalLabels: labelsFrom(external_labels),
      limits: { maxBytes: config.batch_size, waitMs: config.batch_wait, maxStreams: config.max_streams },
    },
    queue: { maxBytes: max_bytes, maxAgeMs: max_age, minFree: min_free, sync },
  };
}

function endpointsOf({ endpoints }: LokiWrite, configDir: string): EndpointSettings[] {
  return endpoints.map((endpoint) => {
    const { tenant_id: tenant, encoding, retry_on_http_429: retriesRateLimited } = endpoint;
    const codec = lokiCodec({ encoding, retriesRateLimited, ...(tenant !== undefined && { tenant }) });
    return { ...lokiEndpointOptions(endpoint, configDir), codec };
  });
}

/** A queue without room must not hold up the end. */
async function flushWithin(ms: number, queue: LogQueue, clock: Clock): Promise<void> {
  const flushed = new AbortController();
  await Promise.race([queue.flush().then(() => flushed.abort()), sleep(clock, ms, flushed.signal)]);
}

/** That the disk cannot be written says enough by itself. */
function noteRoom(waiting: number, health: LokiTroubles, { log }: LokiWriteContext): void {
  const isFull = waiting > 0 && health.get("queue") === undefined;
  if (isFull === (health.get("room") !== undefined)) return;
  if (isFull) log.warn("the queue is full; what sends to it waits");
  else log.info("the queue has room again");
  health.set("room", isFull ? "the queue is full: what sends to it waits" : undefined);
}

function logRest(endpoints: readonly EndpointSettings[], queue: LogQueue, { log }: LokiWriteContext): void {
  for (const { name } of endpoints) {
    const { records } = queue.backlog(name);
    if (records > 0)
      log.info("entries stay in the queue until the agent runs again", { endpoint: name, entries: records });
  }
}
