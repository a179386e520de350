import type { TargetGroup } from "../../signals/targets.ts";

/**
 * How a component finds targets: all that it has to say itself. What every discovery does alike (last good targets,
 * grace, saving, health, self-metrics, throttling) is discovery.ts.
 *
 * Targets come in groups, one per **source**: whatever answers or fails by itself, for example a DNS name, a region, a
 * file, a pod. Several groups of one source count as one.
 */
export type Search = Polling | Watching;

/** For what has to be asked again and again. */
export interface Polling {
  /** Between two refreshes. One that failed is repeated sooner, with backoff. */
  readonly refreshIntervalMs: number;
  /**
   * Asks every source once. Rejects where there is no answer at all. Must have a timeout of its own; ends on `stop`.
   * `known` are the sources that have targets at present, which after a start are those that were saved.
   */
  refresh(stop: AbortSignal, known: readonly string[]): Promise<Found>;
  /** Where something tells of changes: calls `hint` whenever a refresh may find news. Returns what ends that. */
  hints?(hint: () => void): () => void;
}

export interface Found {
  /** Of all sources that answered. A source with an empty group, or with none, has no targets. */
  readonly groups: readonly TargetGroup[];
  /** Sources that gave no answer, and why (an Error, or text): they keep their last good targets. */
  readonly failures?: ReadonlyMap<string, unknown>;
  /** The next refresh is due after this time where that is sooner than the interval. */
  readonly refreshAfterMs?: number;
}

/** For what tells of changes by itself. */
export interface Watching {
  /** How long a whole list that is suddenly empty is doubted: this, times the grace. */
  readonly refreshIntervalMs: number;
  /**
   * Tells `sink` what there is, until `stop` aborts. Rejecting is the way to say that it broke down: the last good
   * targets stay, the component is unhealthy with that reason, and `watch` is called again after a backoff.
   */
  watch(stop: AbortSignal, sink: Sink): Promise<void>;
}

/** Calls take effect at once and cost little; what they change is handed on at most every few seconds. */
export interface Sink {
  /** All there is. Call it after every list; what is not in it goes. A list without any target is doubted for a while. */
  replace(groups: readonly TargetGroup[]): void;
  /** All sources there are, where their targets are told one by one (`update`): the others go. */
  retain(sources: Iterable<string>): void;
  /** The whole of these sources, other sources stay. An empty group ends its source, and is believed at once. */
  update(groups: readonly TargetGroup[]): void;
  /** Something answered, and nothing is new. Ends the failure of that source. */
  alive(source?: string): void;
  /** Something cannot be reached while the watch goes on. Stands until that source is alive or updated. */
  fail(error: unknown, source?: string): void;
}
