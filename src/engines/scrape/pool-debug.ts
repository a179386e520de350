import { labelRecord } from "../../signals/labels.ts";
import type { ScrapePool } from "./scrape-pool.ts";

/** What the component page shows of a pool. */
export function poolDebug(pool: ScrapePool): object {
  const targets = pool.status().map(({ target, last }) => ({
    labels: labelRecord(target.labels),
    url: target.url,
    ...(last && {
      up: last.failure === undefined,
      last_scrape: new Date(last.timestamp).toISOString(),
      duration_seconds: last.durationSeconds,
      samples: last.samples,
      ...(last.skipped.count > 0 && { skipped: last.skipped }),
      ...(last.failure && { last_error: last.failure.message }),
    }),
  }));
  const refused = pool.refused.map(({ labels, refused }) => ({ labels: labelRecord(labels), reason: refused }));
  return { targets, refused };
}
