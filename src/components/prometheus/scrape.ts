import { randomInt, randomUUID } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { ConfigError, type Context, counter, defineComponent, gauge } from "../../component.ts";
import type { Clustering } from "../../config/fields/clustering.ts";
import { pathsBeside } from "../../config/fields/file.ts";
import { httpClientOptions } from "../../config/fields/http-client.ts";
import { type ScrapeJob, scrapeJob } from "../../config/fields/scrape-job.ts";
import { scrapeSettings } from "../../config/fields/scrape-settings.ts";
import { targetsOf } from "../../config/fields/static-configs.ts";
import { AddressMembership } from "../../engines/cluster/address-membership.ts";
import { ChangingCluster } from "../../engines/cluster/changing-cluster.ts";
import { Cluster } from "../../engines/cluster/cluster.ts";
import { EtcdClient } from "../../engines/cluster/etcd-client.ts";
import { EtcdMembership, lookIntervalMs } from "../../engines/cluster/etcd-membership.ts";
import { type Membership, staticMembership } from "../../engines/cluster/membership.ts";
import { parseResolvConf } from "../../engines/discovery/dns/resolv-conf.ts";
import { lookUp } from "../../engines/discovery/dns/resolver.ts";
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
import { targetRelabeling } from "../../engines/scrape/target-relabeling.ts";
import { realDisk } from "../../lib/disk-real.ts";
import { Secret } from "../../lib/secret.ts";
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
  members: gauge("cluster_members", "Members of the cluster that share the targets, this one among them."),
  failedSyncs: counter("prometheus_target_sync_failed_total", "Targets refused by syncs.", ["scrape_job"]),
};

export const prometheusScrape = defineComponent({
  type: "prometheus.scrape",
  summary: "Scrapes targets for metrics, as Prometheus does.",
  description:
    "Targets come from discovery and from exporters in this process (`targets`) and from `static_configs`. Each target " +
    "also yields `up` and the other report series, and stale markers for series that end. Labels of a target such as " +
    "`__metrics_path__`, `__scheme__`, `__param_<name>`, `__scrape_interval__` and `__scrape_timeout__` win over the " +
    "settings of the same name. `relabel_rules` see them all.\n\n" +
    "With `clustering` several agents that discover the same targets share them by consistent hashing. The series of a " +
    "target that moves get no stale markers, so the agents should send with the same external labels. When a member with a " +
    "lease in etcd dies, the others take over its targets within the lease. While the members cannot be told, each goes on " +
    "with those of before: scraped twice is better than scraped by nobody. Exporters in the process are not shared.",
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
        if (previous === undefined || previous.failure?.message !== failure?.message) showHealth();
      },
    });
    const cluster = new ChangingCluster(clusterOf(config, context, () => share()));
    pool.share((identity) => cluster.isOurs(identity));
    const share = () => {
      pool.share((identity) => cluster.isOurs(identity));
      context.metrics.members.set(cluster.current?.members.length ?? 1);
      showHealth();
    };
    const showHealth = () => report(context, pool, cluster.current?.trouble);
    const sync = () => {
      failureLog.use(pathsBeside(configDir)(current.scrape_failure_log_file));
      pool.sync([...discovered, ...targetsOf(current.static_configs)]);
      countSync(context, pool, current.target_limit);
      targetLog.noteRefused(pool.refused);
      showHealth();
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
        const ended = new AbortController();
        const either = AbortSignal.any([stop, ended.signal]);
        const both = [pool.run(either), cluster.run(either)];
        try {
          await Promise.all(both);
        } finally {
          ended.abort();
          await Promise.allSettled(both);
          targetLog.close();
          await Promise.all([client.close(), failureLog.close()]);
        }
      },
      update(changed) {
        // Made first: it may refuse the config.
        const isOther = !isDeepStrictEqual(revealed(changed.clustering), revealed(current.clustering));
        if (isOther) cluster.replace(clusterOf(changed, context, () => share()));
        current = changed;
        // A scrape under way ends on the connection it has: its timeout is no longer than the interval.
        client.replace(httpClientOptions(changed, configDir), changed.scrape_interval);
        pool.update(settingsOf(changed, id));
        sync();
      },
      debug: () => ({ ...poolDebug(pool), ...(cluster.current && { members: cluster.current.members }) }),
      targets: () => poolTargets(pool, world.hostname, current.keep_dropped_targets || maxDroppedTargets),
    };
  },
});

type ScrapeContext = Context<"metrics", typeof metrics>;

function settingsOf(config: ScrapeJob, id: string): ScrapeSettings {
  return {
    ...scrapeSettings(config, id),
    relabeling: targetRelabeling(config.relabel_rules),
    metricRelabeling: metricRelabeling(config.metric_relabel_rules),
  };
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
function report(context: ScrapeContext, pool: ScrapePool, clusterTrouble: string | undefined): void {
  const { id: scrape_job, metrics, setHealth } = context;
  const targets = pool.status();
  const { isHealthy, reason, counts } = poolHealth(targets, pool.refused);
  for (const [state, count] of Object.entries(counts)) metrics.targets.set({ state }, count);
  metrics.poolTargets.set({ scrape_job }, targets.length);
  if (clusterTrouble === undefined) setHealth(isHealthy ? "healthy" : "unhealthy", reason);
  else setHealth("unhealthy", isHealthy ? clusterTrouble : `${clusterTrouble}; ${reason}`);
}

function clusterOf(config: ScrapeJob, context: ScrapeContext, onChange: () => void): Cluster | undefined {
  if (config.clustering === undefined) return undefined;
  const { world, log, dataDir: folder } = context;
  const membership = membershipOf(config.clustering, context);
  return new Cluster(membership, { clock: world.clock, disk: realDisk, folder, log, onChange });
}

function membershipOf({ name, etcd, members, dns }: Clustering, context: ScrapeContext): Membership {
  const { id, configDir, world } = context;
  const { clock, random, hostname } = world;
  const self = name ?? hostname;
  if (etcd !== undefined) {
    const endpoints = etcd.endpoints.map((url) => new URL(url));
    const timeoutMs = lookIntervalMs(etcd.lease);
    const client = new EtcdClient({ endpoints, client: httpClientOptions(etcd, configDir), clock, random, timeoutMs });
    const prefix = `${etcd.prefix}/${id}/`;
    return new EtcdMembership({ client, prefix, self, leaseMs: etcd.lease, instance: randomUUID() });
  }
  if (members !== undefined) {
    if (members.includes(self)) return staticMembership(members, self);
    throw new ConfigError(`clustering: ${self} is none of the members; say in \`name\` which of them this agent is`);
  }
  return new AddressMembership({
    name,
    hostname,
    intervalMs: dns?.refresh_interval ?? 0,
    ownAddresses: () => Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
    addresses: (stop) => lookUpAddresses(dns, context, stop),
  });
}

async function lookUpAddresses(
  dns: Clustering["dns"],
  { world }: ScrapeContext,
  stop: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { name = "", type = "A", servers } = dns ?? {};
  const system = parseResolvConf(await readFile("/etc/resolv.conf", "utf8"));
  const surroundings = { clock: world.clock, randomId: () => randomInt(65_536), timeoutMs: 2_000, onLookup: () => {} };
  const answer = await lookUp(name, type, { ...system, ...(servers && { servers }) }, surroundings, stop);
  return answer?.records.flatMap((record) => ("address" in record && record.type === type ? record.address : []));
}

/** With its secrets, to compare. */
function revealed(config: Clustering | undefined): unknown {
  if (config instanceof Secret) return config.reveal();
  if (typeof config !== "object" || config === null) return config;
  return Object.entries(config).map(([key, value]) => [key, revealed(value as Clustering)]);
}
