import { type Labels, labelRecord } from "./labels.ts";

/** What a component knows of targets: those it scrapes, and those that go no further than it. Plain JSON, no secrets. */
export interface TargetsView {
  readonly active: readonly ActiveTarget[];
  /** At most as many as the component keeps. */
  readonly dropped: readonly DroppedTarget[];
  /** All that are dropped, listed or not. */
  readonly droppedCount: number;
}

/** A target that is scraped, with the fields of Prometheus' HTTP API. */
export interface ActiveTarget {
  /** As the scrape got them, and what its settings say about the rest; before anything is taken away. */
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** Those of its series. */
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  /** The same page as others may reach it: with the name of this machine instead of a loopback address. */
  readonly globalUrl: string;
  /** Empty while it is up. */
  readonly lastError: string;
  /** RFC 3339. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: "up" | "down" | "unknown";
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface DroppedTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  /** Why, for people: the rule that dropped it, or what is wrong with it. */
  readonly reason: string;
}

/** Dropped targets that a component lists where nobody asks for another number. */
export const maxDroppedTargets = 1000;

export function droppedTarget(labels: Labels, reason: string): DroppedTarget {
  return { discoveredLabels: labelRecord(labels), reason };
}
