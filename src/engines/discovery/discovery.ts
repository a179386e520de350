import { Backoff } from "../../lib/backoff.ts";
import { sleep } from "../../lib/clock.ts";
import type { Disk } from "../../lib/disk.ts";
import { describeError } from "../../lib/errors.ts";
import { Exports, exportIntervalMs } from "./exports.ts";
import { everything, Failures, handOn } from "./failures.ts";
import { type Emptied, KnownGroups } from "./known-groups.ts";
import { Poll } from "./poll.ts";
import { SavedGroups } from "./saved-groups.ts";
import type { Found, Polling, Search, Watching } from "./search.ts";
import type { DiscoverySurroundings } from "./surroundings.ts";
import { WatchSink } from "./watch-sink.ts";

export interface DiscoveryOptions {
  /** How many empty answers in a row are not believed where there were targets. */
  readonly emptyGrace: number;
  /**
   * What the labels of the targets depend on (names, regions, ports, filters; not intervals and credentials), as text:
   * targets that were saved under another identity are not restored.
   */
  readonly identity: string;
  readonly disk: Disk;
}

/**
 * The engine of every discovery: it asks, or listens to, a `Search`, and never makes things worse than they were.
 *
 *     search ──► known groups ──► exports (at most every 5 s, only changes) ──► output
 *                     │  ▲
 *               saved to disk, restored at the next start
 *
 * - An error keeps the last good targets, of one source or of all.
 * - An empty answer where there were targets is believed only when it has come more often than the grace.
 * - The targets that were saved count as soon as an answer fails, or is long in coming; before the first good answer
 *   nothing is handed on that could be wrong.
 */
export class Discovery {
  readonly #search: Search;
  readonly #surroundings: DiscoverySurroundings;
  readonly #known: KnownGroups;
  readonly #saved: SavedGroups;
  readonly #failures: Failures;
  readonly #exports: Exports;
  readonly #options: DiscoveryOptions;
  readonly #labels: { readonly mechanism: string; readonly config: string };
  /** Whether the set that is known is worth handing on: after a good answer, or instead of one. */
  #isSettled = false;
  #exported: number | undefined;
  #stored = 0;

  constructor(search: Search, options: DiscoveryOptions, surroundings: DiscoverySurroundings) {
    this.#search = search;
    this.#options = options;
    this.#surroundings = surroundings;
    this.#known = new KnownGroups(options.emptyGrace);
    this.#saved = new SavedGroups(options.disk, surroundings.dataDir, options.identity);
    this.#failures = new Failures(surroundings);
    this.#exports = new Exports(surroundings.world.clock, () => this.#export());
    this.#labels = { mechanism: surroundings.id.split(".")[1] ?? "", config: surroundings.id };
  }

  /** Resolves once `stop` has aborted and everything is closed. */
  async run(stop: AbortSignal): Promise<void> {
    await this.#restore();
    const ended = new AbortController();
    const exporting = this.#exports.run(AbortSignal.any([stop, ended.signal]));
    const cancelPatience = this.#surroundings.world.clock.after(patienceMs, () => this.#settle());
    try {
      await ("refresh" in this.#search ? this.#poll(this.#search, stop) : this.#watch(this.#search, stop));
    } finally {
      cancelPatience();
      ended.abort();
      await exporting;
      await this.#save();
    }
  }

  /** What every source has at present; the first ones, where there are very many. */
  debug(): object {
    const sources = this.#known.groups.slice(0, maxShownSources).map(({ source, targets }) => ({
      source,
      targets: targets.length,
      ...(this.#known.isDoubted(source) && { doubted: "its last answer was empty" }),
      ...(this.#failures.of(source) !== undefined && { failure: this.#failures.of(source) }),
    }));
    return { targets: this.#known.targetCount, sources };
  }

  async #poll(polling: Polling, stop: AbortSignal): Promise<void> {
    const { random, clock } = this.#surroundings.world;
    const maxMs = polling.refreshIntervalMs;
    const backoff = new Backoff({ minMs: Math.min(firstRetryMs, maxMs), maxMs, jitter: 0.1, random });
    const poll = new Poll(clock, async () => {
      const found = await this.#refresh(polling, stop);
      if (found === undefined || found.failures?.size) return backoff.next();
      backoff.reset();
      return Math.min(maxMs, found.refreshAfterMs ?? maxMs);
    });
    const endHints = polling.hints?.(() => poll.hint());
    try {
      await poll.run(stop);
    } finally {
      endHints?.();
    }
  }

  async #refresh(polling: Polling, stop: AbortSignal): Promise<Found | undefined> {
    const { world, metrics } = this.#surroundings;
    const started = world.clock.monotonic();
    const found = await polling.refresh(stop, this.#known.sources).catch((error: unknown) => this.#fail(error, stop));
    metrics.refreshDuration.observe(this.#labels, (world.clock.monotonic() - started) / 1000);
    if (found !== undefined && !stop.aborted) this.#take(found);
    return found;
  }

  #fail(error: unknown, stop: AbortSignal): undefined {
    if (stop.aborted) return;
    this.#failures.set(everything, error);
    this.#surroundings.metrics.refreshFailures.inc(this.#labels);
    this.#settle();
  }

  #take(found: Found): void {
    for (const emptied of this.#known.take(found)) this.#logEmptied(emptied);
    this.#failures.replaceSources(found.failures ?? new Map());
    if (found.failures?.size) this.#surroundings.metrics.refreshFailures.inc(this.#labels);
    this.#succeed();
  }

  async #watch(watching: Watching, stop: AbortSignal): Promise<void> {
    const { clock, random } = this.#surroundings.world;
    const backoff = new Backoff({ ...watchDelay, random });
    const sink = new WatchSink(this.#known, this.#failures, {
      clock,
      graceMs: this.#options.emptyGrace * watching.refreshIntervalMs,
      onEmptied: (emptied) => this.#logEmptied(emptied),
      onFailure: () => {
        this.#surroundings.metrics.refreshFailures.inc(this.#labels);
        this.#settle();
      },
      onNews: () => {
        backoff.reset();
        this.#succeed();
      },
    });
    try {
      while (!stop.aborted) {
        const ended = watching.watch(stop, sink).then(() => new Error("the watch ended"));
        const error = await ended.catch((thrown: unknown) => thrown);
        if (stop.aborted) return;
        sink.fail(error);
        await sleep(clock, backoff.next(), stop);
      }
    } finally {
      sink.close();
    }
  }

  /** Something answered; what it said is known. */
  #succeed(): void {
    const { metrics, world } = this.#surroundings;
    if (this.#failures.size === 0) metrics.lastSuccess.set(world.clock.now() / 1000);
    // Of nothing but failures one cannot say that there are no targets.
    if (this.#failures.size === 0 || !this.#known.isEmpty) this.#isSettled = true;
    this.#requestExport();
  }

  /** No answer to wait for: what was restored is all there is. */
  #settle(): void {
    if (!this.#known.isEmpty) this.#isSettled = true;
    this.#requestExport();
  }

  #requestExport(): void {
    if (this.#isSettled && this.#exported !== this.#known.version) this.#exports.request();
  }

  /** A set that was refused is offered again: what is known must not get lost with it. */
  async #export(): Promise<void> {
    const { version, groups, targetCount } = this.#known;
    const { metrics, output, id } = this.#surroundings;
    if (this.#exported === version) return;
    try {
      await output.receive(groups);
      this.#exported = version;
      metrics.updates.inc({ name: targetsUser });
      metrics.discoveredTargets.set({ name: targetsUser, config: id }, targetCount);
      this.#failures.clear(handOn);
    } catch (error) {
      metrics.updatesDelayed.inc({ name: targetsUser });
      this.#failures.set(handOn, new Error("cannot hand on the targets", { cause: error }));
    }
    this.#requestExport();
    await this.#save();
  }

  async #restore(): Promise<void> {
    try {
      this.#known.replace(await this.#saved.load());
    } catch (error) {
      this.#surroundings.log.warn("cannot read the targets that were saved", { error: describeError(error) });
    }
    this.#stored = this.#known.version;
  }

  async #save(): Promise<void> {
    const { version } = this.#known;
    if (this.#stored === version) return;
    this.#stored = version;
    try {
      await this.#saved.save(this.#known.groups);
    } catch (error) {
      this.#surroundings.log.warn("cannot save the targets; after a restart they have to be found anew", {
        error: describeError(error),
      });
    }
  }

  #logEmptied({ source, targets, isBelieved }: Emptied): void {
    const { log } = this.#surroundings;
    const fields = { source, targets };
    if (isBelieved) log.warn("the answer is still empty; the last good targets are gone", fields);
    else log.warn("the answer is empty; the last good targets stay for now", fields);
  }
}

/** How long a start waits for the first answer before it hands on the targets that were saved. */
const patienceMs = exportIntervalMs;

/** After a refresh that failed; doubles up to the interval. */
const firstRetryMs = 5_000;

const watchDelay = { minMs: 1000, maxMs: 30_000, jitter: 0.1 };

/** What Prometheus says in the label `name`: who uses the targets. */
const targetsUser = "scrape";

const maxShownSources = 1000;
