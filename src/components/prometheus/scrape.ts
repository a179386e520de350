import { appendFile } from "node:fs/promises";
import { type Context, counter, defineComponent, gauge } from "../../component.ts";
import { pathsBeside } from "../../config/fields/file.ts";
import { httpClientOptions } from "../../config/fields/http-client.ts";
import { type ScrapeJob, scrapeJob } from "../../config/fields/scrape-job.ts";
import { scrapeSettings, staticTargets } from "../../config/fields/scrape-settings.ts";
import { batchSender } from "../../engines/scrape/batch-sender.ts";
import { FailureLog } from "../../engines/scrape/failure-log.ts";
import { metricRelabeling } from "../../engines/scrape/metric-relabeling.ts";
import { poolDebug } from "../../engines/scrape/pool-debug.ts";
import { poolHealth } from "../../engines/scrape/pool-health.ts";
import { poolTargets } from "../../engines/scrape/pool-targets.ts";
import { ReplaceableClient } from "../../engines/scrape/replaceable-client.ts";
import type { ScrapeResult } from "../../engines/scrape/scrape-loop.ts";
import { ScrapePool } from "../../engines/scrape/scrape-pool.ts";
import type { ScrapeSettings } from "../../engines/scrape/settings.ts";
import { TargetLog } from "../../engines/scrape/target-log.ts";
import type { Target } from "../../signals/targets.ts";
import { maxDroppedTargets } from "../../signals/targets-view.ts";

const metrics = {
  targets: gauge("targets", "Targets by state: up, down, unknown before the first scrape, or refused.", ["state"]),
  scrapes: counter("scrapes_total", "Scrapes that ended, successful or not."),
  failures: counter("failed_scrapes_total", "Scrapes that failed, by reason.", ["reason"]),
  skipped: counter("skipped_lines_total", "Lines left out because they could not be read, under `keep_valid`."),
  notTaken: counter("rejected_batches_total", "Scrapes whose samples a receiver did not take."),
  // Under the names of the limits that make a scrape fail.
  sample_limit: counter("prometheus_target_scrapes_exceeded_sample_limit_total", "Scrapes beyond `sample_limit`."),
  body_size_limit: counter("prometheus_target_scrapes_exceeded_body_size_limit_total", "Too large pages."),
  label_limit: counter("prometheus_target_scrape_pool_exceeded_label_limits_total", "Scrapes beyond label limits."),
  duplicate: counter("prometheus_target_scrapes_sample_duplicate_timestamp_total", "Second samples of a series."),
  outOfBounds: counter("prometheus_target_scrapes_sample_out_of_bounds_total", "Samples too far in the future."),
  outOfOrder: counter("prometheus_target_scrapes_sample_out_of_order_total", "Samples not newer than the last one."),
  poolTargets: gauge("prometheus_target_scrape_pool_targets", "Targets of the pool.", ["scrape_job"]),
  targetLimit: gauge("prometheus_target_scrape_pool_target_limit", "`target_limit`; 0 is none.", ["scrape_job"]),
  overTargetLimit: counter("prometheus_target_scrape_pool_exceeded_target_limit_total", "Syncs beyond `target_limit`."),
  syncs: counter("prometheus_target_scrape_pool_sync_total", "Times the set of targets changed.", ["scrape_job"]),
  failedSyncs: counter("prometheus_target_sync_failed_total", "Targets refused by syncs.", ["scrape_job"]),
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
  config: scrapeJob,
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
    const { id, configDir, log, world } = context;
    const client = new ReplaceableClient(world.clock, httpClientOptions(config, configDir));
    const failureLog = new FailureLog(appendFile, log);
    const targetLog = new TargetLog(world.clock, log);
    let current = config;
    let discovered: readonly Target[] = [];
    const pool = new ScrapePool(settingsOf(config, id), {
      clock: world.clock,
      hostname: world.hostname,
      fetch: (request) => client.request(request),
      send: batchSender(context.output, log, () => context.metrics.notTaken.inc()),
      onScrape(result, previous, { url }) {
        const { failure, timestamp } = result;
        countScrape(context, result);
        if (failure) failureLog.add({ timestamp, target: url, component: id, error: failure.message });
        targetLog.note(url, result, previous);
        // To look at all targets after each scrape of one would cost more than the scrapes.
        if (previous === undefined || previous.failure?.message !== failure?.message) report(context, pool);
      },
    });
    const sync = () => {
      failureLog.use(pathsBeside(configDir)(current.scrape_failure_log_file));
      pool.sync([...discovered, ...staticTargets(current)]);
      countSync(context, pool, current.target_limit);
      targetLog.noteRefused(pool.refused);
      report(context, pool);
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
          targetLog.close();
          await Promise.all([client.close(), failureLog.close()]);
        }
      },
      update(changed) {
        current = changed;
        // A scrape under way ends on the connection it has: its timeout is no longer than the interval.
        client.replace(httpClientOptions(changed, configDir), changed.scrape_interval);
        pool.update(settingsOf(changed, id));
        sync();
      },
      debug: () => poolDebug(pool),
      targets: () => poolTargets(pool, world.hostname, current.keep_dropped_targets || maxDroppedTargets),
    };
  },
});

type ScrapeContext = Context<"metrics", typeof metrics>;

function settingsOf(config: ScrapeJob, id: string): ScrapeSettings {
  return { ...scrapeSettings(config, id), metricRelabeling: metricRelabeling(config.metric_relabel_rules) };
}

function countScrape({ metrics }: ScrapeContext, { skipped, leftOut, failure }: ScrapeResult): void {
  metrics.scrapes.inc();
  if (skipped.count > 0) metrics.skipped.inc(skipped.count);
  for (const why of ["duplicate", "outOfBounds", "outOfOrder"] as const) {
    if (leftOut[why] > 0) metrics[why].inc(leftOut[why]);
  }
  if (failure === undefined) return;
  const { reason } = failure;
  metrics.failures.inc({ reason });
  if (reason === "sample_limit" || reason === "body_size_limit" || reason === "label_limit") metrics[reason].inc();
}

function countSync({ metrics, id: scrape_job }: ScrapeContext, pool: ScrapePool, targetLimit: number): void {
  metrics.syncs.inc({ scrape_job });
  metrics.failedSyncs.inc({ scrape_job }, pool.refused.length);
  metrics.targetLimit.set({ scrape_job }, targetLimit);
  if (pool.isOverLimit) metrics.overTargetLimit.inc();
}

/** Keeps health and the gauges of targets in step with what the pool knows. */
function report({ id: scrape_job, metrics, setHealth }: ScrapeContext, pool: ScrapePool): void {
  const targets = pool.status();
  const { isHealthy, reason, counts } = poolHealth(targets, pool.refused);
  for (const [state, count] of Object.entries(counts)) metrics.targets.set({ state }, count);
  metrics.poolTargets.set({ scrape_job }, targets.length);
  setHealth(isHealthy ? "healthy" : "unhealthy", reason);
}
