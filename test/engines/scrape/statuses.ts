import { nothingSkipped } from "../../../src/engines/scrape/exposure.ts";
import { ScrapeFailure } from "../../../src/engines/scrape/failure.ts";
import type { ScrapeResult } from "../../../src/engines/scrape/scrape-loop.ts";
import type { TargetStatus } from "../../../src/engines/scrape/scrape-pool.ts";
import { scrapeTarget } from "../../../src/engines/scrape/target.ts";
import { formatLabels } from "../../../src/signals/labels.ts";
import { settings, target } from "./scrapes.ts";

export const good: ScrapeResult = {
  timestamp: Date.UTC(2026, 0, 1),
  durationSeconds: 0.5,
  samples: 3,
  skipped: nothingSkipped,
  leftOut: { duplicate: 0, outOfBounds: 0, outOfOrder: 0 },
};

export function bad(reason: ScrapeFailure["reason"], message: string): ScrapeResult {
  const failure = new ScrapeFailure(reason, message);
  return { ...good, failure: { reason: failure.reason, message: failure.message } };
}

export function status(address: string, last?: ScrapeResult, labels: Record<string, string> = {}): TargetStatus {
  const resolved = scrapeTarget(target(address, labels), settings);
  if (!("url" in resolved)) throw new Error(formatLabels(resolved.labels));
  return { target: resolved, last };
}
