import { z } from "zod";
import { type Context, counter, defineComponent, gauge } from "../../component.ts";
import { checkHttpClient, httpClientFields, httpClientOptions } from "../../config/fields/http-client.ts";
import { bytes, positiveDuration } from "../../config/fields.ts";
import { BodyPool } from "../../engines/scrape/body-pool.ts";
import { Interner } from "../../engines/scrape/interner.ts";
import { ReplaceableClient } from "../../engines/scrape/replaceable-client.ts";
import type { ScrapeResult } from "../../engines/scrape/scrape-loop.ts";
import { ScrapePool } from "../../engines/scrape/scrape-pool.ts";
import type { ScrapeSettings } from "../../engines/scrape/settings.ts";
import { Rows } from "../../formats/exposition/rows.ts";
import { formatLabels, labelRecord, labelsFrom } from "../../signals/labels.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { Target } from "../../signals/targets.ts";

const limit = z.int().min(0).default(0);

const config = z
  .strictObject({
    job_name: z
      .string()
      .min(1, "a job name cannot be empty")
      .optional()
      .describe(
        "Label `job` of targets that have none; if left out, `integrations/<name>` for exporters and the component's id for others.",
      ),
    static_configs: z
      .array(
        z.strictObject({
          targets: z.array(z.string()).describe("Hosts and ports."),
          labels: z.record(z.string(), z.string()).default({}).describe("Labels of these targets."),
        }),
      )
      .default([])
      .describe("Targets that are known beforehand."),
    scrape_interval: positiveDuration.prefault("60s").describe("Time between two scrapes of a target."),
    scrape_timeout: positiveDuration
      .optional()
      .describe("How long a scrape may take; 10s if left out, or the interval where that is shorter."),
    metrics_path: z.string().default("/metrics").describe("Path of the page to scrape."),
    scheme: z.enum(["http", "https"]).default("http").describe("Scheme of the page to scrape."),
    params: z
      .record(z.string(), z.array(z.string()))
      .default({})
      .describe("Parameters of the URL. `collect[]` and `exclude[]` reach exporters in this process, too."),
    honor_labels: z
      .boolean()
      .default(false)
      .describe("Whether labels of the target's own series win over the target's labels."),
    honor_timestamps: z.boolean().default(true).describe("Whether timestamps on the page are taken."),
    enable_compression: z.boolean().default(true).describe("Whether the page is asked for compressed."),
    body_size_limit: bytes
      .prefault("64MiB")
      .describe("A page of this size or more, uncompressed, fails the scrape; `0B` is no limit."),
    sample_limit: limit.describe("More samples than this fail the scrape; 0 is no limit."),
    target_limit: limit.describe("With more targets than this none is scraped; 0 is no limit."),
    label_limit: limit.describe("A series with more labels than this fails the scrape; 0 is no limit."),
    label_name_length_limit: limit.describe("A label name with more bytes fails the scrape; 0 is no limit."),
    label_value_length_limit: limit.describe("A label value with more bytes fails the scrape; 0 is no limit."),
    ...httpClientFields,
  })
  .superRefine((config, context) => {
    checkHttpClient(config, context);
    for (const [entry, { targets }] of config.static_configs.entries()) {
      for (const [at, address] of targets.entries()) {
        if (address !== "" && !address.includes("/")) continue;
        const message = `"${address}" is not a host and port; write the path at metrics_path, the scheme at scheme`;
        context.addIssue({ code: "custom", path: ["static_configs", entry, "targets", at], message });
      }
    }
    if ((config.scrape_timeout ?? 0) <= config.scrape_interval) return;
    const message = "must not be longer than scrape_interval";
    context.addIssue({ code: "custom", path: ["scrape_timeout"], message });
  });

type Config = z.output<typeof config>;

const metrics = {
  targets: gauge("targets", "Targets by state: up, down, unknown before the first scrape, or refused.", ["state"]),
  scrapes: counter("scrapes_total", "Scrapes that ended, successful or not."),
  failures: counter("failed_scrapes_total", "Scrapes that failed, by reason.", ["reason"]),
  notTaken: counter("rejected_batches_total", "Scrapes whose samples a receiver did not take."),
};

export const prometheusScrape = defineComponent({
  type: "prometheus.scrape",
  summary: "Scrapes targets for metrics, as Prometheus does.",
  description:
    "Targets come from discovery and from exporters in this process (`targets`) and from `static_configs`. Each target " +
    "also yields `up` and the other report series, and stale markers for series that end. Labels of a target such as " +
    "`__metrics_path__`, `__scheme__`, `__param_<name>`, `__scrape_interval__` and `__scrape_timeout__` win over the " +
    "settings of the same name.",
  accepts: "targets",
  targetsOptional: true,
  emits: "metrics",
  metrics,
  config,
  example: `
prometheus.scrape.apps:
  static_configs:
    - { targets: ["localhost:8080"], labels: { app: flask } }
  scrape_interval: 15s
  forward_to: [prometheus.remote_write.central]

prometheus.remote_write.central:
  endpoints:
    - url: http://localhost:9090/api/v1/write
`,

  create(config, context) {
    const client = new ReplaceableClient(context.world.clock, httpClientOptions(config, context.configDir));
    let current = config;
    let discovered: readonly Target[] = [];
    const health = new ScrapeHealth(context);
    const pool = new ScrapePool(settingsOf(config, context.id), {
      clock: context.world.clock,
      hostname: context.world.hostname,
      fetch: (request) => client.request(request),
      bodies: new BodyPool(),
      rows: new Rows(),
      interner: new Interner(),
      send: sender(context),
      onScrape(result, previous) {
        countScrape(context, result);
        // To look at all targets after each scrape of one would cost more than the scrapes.
        if (previous === undefined || previous.failure?.message !== result.failure?.message) health.report(pool);
      },
    });
    const sync = () => {
      pool.sync([...discovered, ...staticTargets(current)]);
      health.report(pool);
    };

    return {
      input: {
        async receive(groups) {
          discovered = groups.flatMap((group) => group.targets);
          sync();
        },
      },
      async run(stop) {
        sync();
        try {
          await pool.run(stop);
        } finally {
          await client.close();
        }
      },
      update(changed) {
        current = changed;
        // A scrape under way ends on the connection it has: its timeout is no longer than the interval.
        client.replace(httpClientOptions(changed, context.configDir), changed.scrape_interval);
        pool.update(settingsOf(changed, context.id));
        sync();
      },
      debug: () => debugView(pool),
    };
  },
});

type ScrapeContext = Context<"metrics", typeof metrics>;

function settingsOf(config: Config, id: string): ScrapeSettings {
  return {
    jobName: config.job_name,
    defaultJobName: id,
    scheme: config.scheme,
    metricsPath: config.metrics_path,
    params: config.params,
    intervalMs: config.scrape_interval,
    timeoutMs: config.scrape_timeout ?? Math.min(10_000, config.scrape_interval),
    honorLabels: config.honor_labels,
    honorTimestamps: config.honor_timestamps,
    enableCompression: config.enable_compression,
    bodySizeLimit: config.body_size_limit,
    sampleLimit: config.sample_limit,
    targetLimit: config.target_limit,
    labelLimit: config.label_limit,
    labelNameLengthLimit: config.label_name_length_limit,
    labelValueLengthLimit: config.label_value_length_limit,
  };
}

function staticTargets(config: Config): Target[] {
  return config.static_configs.flatMap(({ targets, labels }) =>
    targets.map((address) => ({ labels: labelsFrom({ ...labels, __address__: address }) })),
  );
}

/** The next tick does not wait for an acknowledgement; batches that are not taken are counted, and told of once. */
function sender({ output, metrics, log }: ScrapeContext): (batch: MetricBatch) => void {
  let isRejecting = false;
  return (batch) => {
    output.receive(batch).then(
      () => {
        if (isRejecting) log.info("samples are taken again");
        isRejecting = false;
      },
      (error: unknown) => {
        metrics.notTaken.inc();
        if (!isRejecting) log.error("samples are not taken and lost", { error });
        isRejecting = true;
      },
    );
  };
}

function countScrape({ metrics }: ScrapeContext, { failure }: ScrapeResult): void {
  metrics.scrapes.inc();
  if (failure !== undefined) metrics.failures.inc({ reason: failure.reason });
}

/** Keeps health, the gauge of targets and the log in step with what the pool knows. */
class ScrapeHealth {
  readonly #context: ScrapeContext;
  #reason = "";

  constructor(context: ScrapeContext) {
    this.#context = context;
  }

  report(pool: ScrapePool): void {
    const { metrics, setHealth, log } = this.#context;
    const targets = pool.status();
    const down = targets.filter(({ last }) => last?.failure !== undefined);
    const unknown = targets.filter(({ last }) => last === undefined);
    metrics.targets.set({ state: "up" }, targets.length - down.length - unknown.length);
    metrics.targets.set({ state: "down" }, down.length);
    metrics.targets.set({ state: "unknown" }, unknown.length);
    metrics.targets.set({ state: "refused" }, pool.refused.length);

    const reason = unhealthyReason(pool);
    if (reason === this.#reason) return;
    if (reason === "") log.info("targets can be scraped again");
    else if (this.#reason === "") log.warn("targets cannot be scraped", { reason });
    this.#reason = reason;
    setHealth(reason === "" ? "healthy" : "unhealthy", reason);
  }
}

function unhealthyReason(pool: ScrapePool): string {
  const [refused] = pool.refused;
  if (refused !== undefined) return `cannot scrape ${formatLabels(refused.labels)}: ${refused.refused}`;
  const targets = pool.status();
  const isDown = targets.length > 0 && targets.every(({ last }) => last?.failure !== undefined);
  if (!isDown) return "";
  const [first] = targets;
  const rest = targets.length > 1 ? ` (and ${targets.length - 1} more targets are down)` : "";
  return `cannot scrape ${first?.url}: ${first?.last?.failure?.message}${rest}`;
}

function debugView(pool: ScrapePool): object {
  const targets = pool.status().map(({ labels, url, last }) => ({
    labels: labelRecord(labels),
    url,
    ...(last && {
      up: last.failure === undefined,
      last_scrape: new Date(last.timestamp).toISOString(),
      duration_seconds: last.durationSeconds,
      samples: last.samples,
      ...(last.failure && { last_error: last.failure.message }),
    }),
  }));
  const refused = pool.refused.map(({ labels, refused }) => ({ labels: labelRecord(labels), reason: refused }));
  return { targets, refused };
}
