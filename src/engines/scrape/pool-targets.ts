import { formatDuration } from "../../lib/duration.ts";
import { labelRecord } from "../../signals/labels.ts";
import { type ActiveTarget, droppedTarget, type TargetsView } from "../../signals/targets-view.ts";
import type { ScrapePool, TargetStatus } from "./scrape-pool.ts";

/** A pool as Prometheus' HTTP API shows it; `maxDropped` of the dropped targets are listed. */
export function poolTargets(pool: ScrapePool, hostname: string, maxDropped: number): TargetsView {
  const dropped = [
    ...pool.refused.map(({ labels, refused }) => ({ labels, reason: refused })),
    ...pool.unwanted.map(({ labels, dropped }) => ({ labels, reason: dropped })),
  ];
  return {
    active: pool.status().map((status) => activeTarget(status, hostname)),
    dropped: dropped.slice(0, maxDropped).map(({ labels, reason }) => droppedTarget(labels, reason)),
    droppedCount: dropped.length,
  };
}

/** Go's zero time, which Prometheus' clients know as "not yet". */
const never = "0001-01-01T00:00:00Z";

function activeTarget({ target, last }: TargetStatus, hostname: string): ActiveTarget {
  return {
    discoveredLabels: labelRecord(target.discoveredLabels),
    labels: labelRecord(target.labels),
    scrapeUrl: target.url,
    globalUrl: globalUrl(target.url, hostname),
    lastError: last?.failure?.message ?? "",
    lastScrape: last === undefined ? never : new Date(last.timestamp).toISOString(),
    lastScrapeDuration: last?.durationSeconds ?? 0,
    health: healthOf(last),
    scrapeInterval: formatDuration(target.intervalMs),
    scrapeTimeout: formatDuration(target.timeoutMs),
  };
}

function healthOf(last: TargetStatus["last"]): ActiveTarget["health"] {
  if (last === undefined) return "unknown";
  return last.failure === undefined ? "up" : "down";
}

/** As text, because what a target calls its address need not be one. */
function globalUrl(url: string, hostname: string): string {
  return url.replace(
    /^(\w+:\/\/)(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/?]|$)/,
    (_, scheme: string) => scheme + hostname,
  );
}
