import { formatLabels } from "../../signals/labels.ts";
import type { FailureReason } from "./failure.ts";
import type { TargetStatus } from "./scrape-pool.ts";
import type { RefusedTarget } from "./target.ts";

export interface DownTarget {
  readonly url: string;
  readonly reason: FailureReason;
  readonly message: string;
}

export interface PoolHealth {
  readonly isHealthy: boolean;
  /** How many targets are down and why; also of a healthy pool. */
  readonly reason: string;
  readonly counts: Readonly<Record<"up" | "down" | "unknown" | "refused", number>>;
}

/**
 * A pool is well as long as one of its targets can be scraped: a target that is down is data. When none can be, or one
 * cannot even be tried, the cause is likely to be here.
 */
export function poolHealth(targets: readonly TargetStatus[], refused: readonly RefusedTarget[]): PoolHealth {
  const down = targets.flatMap(downTarget);
  const unknown = targets.filter(({ last }) => last === undefined).length;
  const isDown = down.length > 0 && down.length === targets.length;
  const reasons = [describeRefused(refused), describeDown(down, targets.length)].filter((text) => text !== "");
  return {
    isHealthy: !isDown && refused.length === 0,
    reason: reasons.join("; "),
    counts: {
      up: targets.length - down.length - unknown,
      down: down.length,
      unknown,
      refused: refused.length,
    },
  };
}

/** `2 unreachable (http://a:1/metrics: connection refused by a:1), 1 timeout (…)`, the most frequent reason first. */
export function describeFailures(down: readonly DownTarget[]): string {
  const groups = Map.groupBy(down, ({ reason }) => reason);
  const mostFrequent = [...groups].sort(([, a], [, b]) => b.length - a.length);
  const shown = mostFrequent.slice(0, shownReasons).map(([reason, targets]) => {
    const [first] = targets;
    return `${targets.length} ${reason} (${first?.url}: ${first?.message})`;
  });
  const others = mostFrequent.slice(shownReasons).reduce((sum, [, targets]) => sum + targets.length, 0);
  return [...shown, ...(others > 0 ? [`${others} for other reasons`] : [])].join(", ");
}

/** The first, and how many more there are; empty where none is. */
export function describeRefused([first, ...others]: readonly RefusedTarget[]): string {
  if (first === undefined) return "";
  const rest = others.length > 0 ? ` (and ${others.length} more are refused)` : "";
  return `cannot scrape ${formatLabels(first.labels)}: ${first.refused}${rest}`;
}

const shownReasons = 3;

function downTarget({ target, last }: TargetStatus): DownTarget[] {
  return last?.failure === undefined ? [] : [{ url: target.url, ...last.failure }];
}

function describeDown(down: readonly DownTarget[], all: number): string {
  const [first] = down;
  if (first === undefined) return "";
  if (all === 1) return `cannot scrape ${first.url}: ${first.message}`;
  const count =
    down.length === all ? `all ${all} targets are` : `${down.length} of ${all} targets ${plural(down.length)}`;
  return `${count} down: ${describeFailures(down)}`;
}

function plural(count: number): string {
  return count === 1 ? "is" : "are";
}
