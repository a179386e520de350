import type { Rows } from "../../formats/exposition/rows.ts";
import type { Clock } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Interner } from "../../signals/interner.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { BodyPool } from "./body-pool.ts";
import type { Exposure, Skipped } from "./exposure.ts";
import { type FailureReason, ScrapeFailure } from "./failure.ts";
import { FamilyExposure } from "./family-exposure.ts";
import { type Fetch, HttpExposure } from "./http-exposure.ts";
import type { ScrapeSettings } from "./settings.ts";
import type { ScrapeTarget } from "./target.ts";
import { type LeftOut, TargetSeries } from "./target-series.ts";
import { Ticker, tickOffset } from "./ticker.ts";

/** What the loops of one job share. */
export interface ScrapeParts {
  readonly clock: Clock;
  readonly hostname: string;
  readonly fetch: Fetch;
  readonly bodies: BodyPool;
  readonly rows: Rows;
  readonly interner: Interner;
  /** Takes a batch; it may be read only until this returns. */
  send(batch: MetricBatch): void;
  /** `previous` is the result of the scrape before, of the same target. */
  onScrape(result: ScrapeResult, previous: ScrapeResult | undefined, target: ScrapeTarget): void;
  /** Something that must not happen has happened. */
  onBug(error: unknown): void;
}

export interface ScrapeResult {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly durationSeconds: number;
  readonly samples: number;
  /** Lines that were left out because they could not be read. */
  readonly skipped: Skipped;
  readonly leftOut: LeftOut;
  readonly failure?: { readonly reason: FailureReason; readonly message: string };
}

/**
 * Scrapes one target at its ticks, one scrape at a time. A target that has gone keeps ticking for two more ticks: the
 * first gives the timestamp of its stale markers, the second (and a tenth of the interval) sends them, unless the
 * target has come back meanwhile (Prometheus: endOfRunStaleness).
 *
 *     tick      tick   retire   tick            tick
 *      │ scrape  │ scrape  ·     │ ends here      │    │ markers, timestamped "ends here"
 *      └─────────┴─────────·─────┴────────────────┴────┘
 */
export class ScrapeLoop {
  readonly #parts: ScrapeParts;
  readonly #series: TargetSeries;
  readonly #exposure: Exposure;
  #target: ScrapeTarget;
  #settings: ScrapeSettings;
  #refusal: ScrapeFailure | undefined;
  #ticker: Ticker;
  #last: ScrapeResult | undefined;

  /** Of all scrapes until one is aborted: a controller for each would cost more than its request. */
  #controller = new AbortController();
  /** Ends the scrape that is under way. */
  #abort: ((reason: ScrapeFailure) => void) | undefined;
  #running = Promise.resolve();
  #isScraping = false;
  #isStopped = false;
  #onRetired: (() => void) | undefined;
  #endedAt: number | undefined;
  #cancelEnd: (() => void) | undefined;

  constructor(target: ScrapeTarget, settings: ScrapeSettings, parts: ScrapeParts) {
    this.#target = target;
    this.#settings = settings;
    this.#parts = parts;
    this.#series = new TargetSeries(target.labels, settings, parts.interner);
    this.#exposure = target.gather === undefined ? new HttpExposure(parts.fetch, parts.bodies) : new FamilyExposure();
    this.#ticker = this.#newTicker();
  }

  get target(): ScrapeTarget {
    return this.#target;
  }

  get last(): ScrapeResult | undefined {
    return this.#last;
  }

  get isRetired(): boolean {
    return this.#onRetired !== undefined;
  }

  start(): void {
    this.#awaitTick();
  }

  /** Takes changed settings at the next tick; with a refusal the target counts as down without being asked. */
  update(target: ScrapeTarget, settings: ScrapeSettings, refusal: ScrapeFailure | undefined): void {
    const changesTicks = target.intervalMs !== this.#target.intervalMs;
    this.#target = target;
    this.#settings = settings;
    this.#refusal = refusal;
    this.#series.update(settings);
    this.#resume();
    if (!changesTicks) return;
    this.#ticker.cancel();
    this.#ticker = this.#newTicker();
    if (!this.#isScraping) this.#awaitTick();
  }

  /** The target has gone. `onRetired` is called when its markers are sent. */
  retire(onRetired: () => void): void {
    this.#onRetired = onRetired;
    if (this.#last !== undefined || this.#isScraping) return;
    this.#ticker.cancel();
    onRetired();
  }

  /** The process ends: no markers. Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ticker.cancel();
    this.#cancelEnd?.();
    this.#abort?.(new ScrapeFailure("timeout", "stopped"));
    await this.#running;
  }

  /** The target has come back before its markers were sent. */
  #resume(): void {
    if (this.#onRetired === undefined) return;
    this.#onRetired = undefined;
    this.#endedAt = undefined;
    if (this.#cancelEnd === undefined) return;
    this.#cancelEnd();
    this.#cancelEnd = undefined;
    this.#awaitTick();
  }

  #awaitTick(): void {
    this.#ticker.next((timestamp) => {
      if (this.#onRetired !== undefined) this.#tickAfterRetirement(timestamp);
      else this.#running = this.#scrapeAndGoOn(timestamp);
    });
  }

  async #scrapeAndGoOn(timestamp: number): Promise<void> {
    try {
      this.#isScraping = true;
      await this.#scrape(timestamp);
      this.#isScraping = false;
      if (!this.#isStopped) this.#awaitTick();
    } catch (error) {
      this.#parts.onBug(error);
    }
  }

  async #scrape(tick: number): Promise<void> {
    const started = this.#parts.clock.monotonic();
    const unanswered = this.#refusal ?? (await this.#fetch());
    if (this.#isStopped) return;

    const { rows, clock } = this.#parts;
    const timestamp = this.#timestampAt(tick);
    rows.clear();
    this.#series.begin(timestamp);
    const unread = unanswered ?? this.#exposure.scan(rows);
    const failure = this.#series.append(rows, this.#exposure) ?? unread;
    // To the nanosecond, as upstream: what a difference of doubles has behind it says nothing and costs bytes.
    const durationSeconds = Math.round((clock.monotonic() - started) * 1e6) / 1e9;
    const timeoutSeconds = this.#target.timeoutMs / 1000;
    const batch = this.#series.finish(rows, this.#exposure, failure, { durationSeconds, timeoutSeconds });
    this.#exposure.release();
    const previous = this.#last;
    this.#last = {
      timestamp,
      durationSeconds,
      samples: this.#series.scraped,
      skipped: this.#exposure.skipped,
      leftOut: this.#series.leftOut,
      ...(failure && { failure: { reason: failure.reason, message: failure.message } }),
    };
    this.#parts.send(batch);
    this.#parts.onScrape(this.#last, previous, this.#target);
  }

  /**
   * When the clock was set back by less than an interval, samples go on from the last one, a millisecond apart: receivers
   * refuse what is older. Beyond that the clock is believed.
   */
  #timestampAt(tick: number): number {
    const last = this.#last?.timestamp ?? 0;
    return tick > last || last - tick >= this.#target.intervalMs ? tick : last + 1;
  }

  /** Asks the target, within the timeout. Returns why there is no answer. */
  async #fetch(): Promise<ScrapeFailure | undefined> {
    const { timeoutMs } = this.#target;
    const aborted = Promise.withResolvers<never>();
    this.#abort = (reason) => {
      this.#abort = undefined;
      this.#controller.abort(reason);
      this.#controller = new AbortController();
      aborted.reject(reason);
    };
    const cancelTimeout = this.#parts.clock.after(timeoutMs, () => {
      this.#abort?.(new ScrapeFailure("timeout", `no complete answer within ${formatDuration(timeoutMs)}`));
    });
    try {
      const { signal } = this.#controller;
      await Promise.race([this.#exposure.fetch(this.#target, this.#settings, signal), aborted.promise]);
      return undefined;
    } catch (error) {
      if (error instanceof ScrapeFailure) return error;
      throw error;
    } finally {
      cancelTimeout();
      this.#abort = undefined;
    }
  }

  #tickAfterRetirement(timestamp: number): void {
    if (this.#endedAt === undefined) {
      this.#endedAt = timestamp;
      this.#awaitTick();
      return;
    }
    const endedAt = this.#endedAt;
    this.#cancelEnd = this.#parts.clock.after(this.#target.intervalMs / 10, () => {
      this.#parts.send(this.#series.end(this.#parts.rows, endedAt));
      this.#onRetired?.();
    });
  }

  #newTicker(): Ticker {
    const { identity, intervalMs } = this.#target;
    const { clock, hostname } = this.#parts;
    return new Ticker(clock, intervalMs, tickOffset(identity, hostname, intervalMs));
  }
}
