import { type Clock, sleep } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import { formatLabels, type Labels, mergeLabels } from "../../signals/labels.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { forward } from "./forward.ts";
import { type Group, GroupSeries } from "./group-series.ts";
import { type PushedPage, pushFailureTimeName, pushTimeName } from "./pushed-page.ts";
import { RefusedRequest } from "./request-body.ts";

export interface PushSettings {
  /** How often what was pushed is sent again. */
  readonly intervalMs: number;
  /** How long after its last push a group ends; 0 is never. */
  readonly ttlMs: number;
  /** Series of all groups, the two push times of each among them. */
  readonly maxSeries: number;
}

interface PushGroupsOptions {
  readonly output: Receiver<"metrics">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: PushSettings;
  onGroups(count: number): void;
}

/**
 * What batch jobs have pushed, by group, and the Pushgateway's rules for changing it. A Pushgateway waits to be scraped;
 * here the samples of a push are sent at once, and then again at an interval, so that its series do not go stale:
 *
 *     PUT            now       ┆ interval ┆ interval ┆ … until DELETE, or `ttl` after the last push:
 *     samples  ──►   sample      sample     sample         stale marker
 *
 * It is all in memory: after a restart a group is back with its next push.
 */
export class PushGroups {
  readonly #options: PushGroupsOptions;
  readonly #groups = new Map<string, Group>();
  readonly #series = new GroupSeries();
  #settings: PushSettings;
  #sentAt = 0;
  #isFailing = false;

  constructor(options: PushGroupsOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  /** For people. */
  view(limit: number): object[] {
    return [...this.#groups.values()].slice(0, limit).map(({ labels, values, pushTime, failureTime }) => ({
      labels: formatLabels(labels),
      series: values.size,
      push_time: isoTime(pushTime),
      push_failure_time: isoTime(failureTime),
    }));
  }

  get size(): number {
    return this.#groups.size;
  }

  /** Groups stay; the interval is that of the next time they are sent. */
  update(settings: PushSettings): void {
    this.#settings = settings;
  }

  /** A PUT (`replaces` all of the group) or a POST (the families on the page). Resolves when the receivers have it. */
  async push(labels: Labels, page: PushedPage, replaces: boolean): Promise<void> {
    this.#series.compact([...this.#groups.values()]);
    const problem = page.problem ?? this.#series.conflict(labels, page.samples);
    const added = problem === undefined ? page.samples.length : 0;
    this.#checkSize(labels, added);
    const group = this.#group(labels);
    if (problem !== undefined) {
      group.failureTime = this.#options.clock.now();
      await this.#send([group], []);
      const text = `pushed metrics are invalid or inconsistent with existing metrics: ${problem}`;
      throw new RefusedRequest(400, text);
    }
    group.pushTime = this.#options.clock.now();
    group.touched = this.#options.clock.monotonic();
    const gone = this.#series.apply(group, page.samples, replaces);
    await this.#send([group], gone);
  }

  /** Resolves when the receivers know that its series have ended; a group that is not there has none. */
  async delete(labels: Labels): Promise<void> {
    const group = this.#groups.get(keyOf(labels));
    if (group !== undefined) await this.#send([], this.#remove(group));
  }

  /** Sends every group again, time after time. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!stop.aborted) {
      await sleep(clock, this.#settings.intervalMs, stop);
      if (!stop.aborted) await this.#sendAgain();
    }
  }

  async #sendAgain(): Promise<void> {
    const { clock, log } = this.#options;
    const { ttlMs } = this.#settings;
    const over = [...this.#groups.values()].filter(({ touched }) => ttlMs > 0 && clock.monotonic() - touched >= ttlMs);
    const gone = over.flatMap((group) => this.#remove(group));
    try {
      await this.#send([...this.#groups.values()], gone);
      this.#isFailing = false;
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      // The values come again with the next interval, and the graph counts what was not taken.
      if (!this.#isFailing) log.warn("pushed metrics could not be sent again", { error: describeError(error) });
      this.#isFailing = true;
    }
  }

  async #send(groups: readonly Group[], gone: readonly number[]): Promise<void> {
    // Two samples of a series at the same time would be one too many.
    this.#sentAt = Math.max(this.#options.clock.now(), this.#sentAt + 1);
    const batch = this.#series.batch(groups, gone, this.#sentAt);
    if (batch !== undefined) await forward(this.#options.output, [batch]);
  }

  #group(labels: Labels): Group {
    const key = keyOf(labels);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const name = (name: string) => this.#series.id(mergeLabels(labels, ["__name__", name]));
    const group: Group = {
      labels,
      values: new Map(),
      pushTimeId: name(pushTimeName),
      failureTimeId: name(pushFailureTimeName),
      pushTime: 0,
      failureTime: 0,
      touched: this.#options.clock.monotonic(),
    };
    this.#groups.set(key, group);
    this.#options.onGroups(this.#groups.size);
    return group;
  }

  #remove(group: Group): number[] {
    this.#groups.delete(keyOf(group.labels));
    this.#options.onGroups(this.#groups.size);
    return this.#series.release(group);
  }

  #checkSize(labels: Labels, added: number): void {
    const { maxSeries } = this.#settings;
    let series = added + (this.#groups.has(keyOf(labels)) ? 0 : seriesOfItsOwn);
    for (const { values } of this.#groups.values()) series += values.size + seriesOfItsOwn;
    if (series <= maxSeries) return;
    throw new RefusedRequest(413, `there would be ${series} pushed series; max_pushed_series is ${maxSeries}`);
  }
}

/** The two push times of a group. */
const seriesOfItsOwn = 2;

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}

function isoTime(ms: number): string | null {
  return ms === 0 ? null : new Date(ms).toISOString();
}
