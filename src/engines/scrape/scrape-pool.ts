import { untilAborted } from "../../lib/until-aborted.ts";
import type { Labels } from "../../signals/labels.ts";
import type { Target } from "../../signals/targets.ts";
import { ScrapeFailure } from "./failure.ts";
import { ScrapeLoop, type ScrapeParts, type ScrapeResult } from "./scrape-loop.ts";
import type { ScrapeSettings } from "./settings.ts";
import { type RefusedTarget, type ScrapeTarget, scrapeTarget } from "./target.ts";

export interface TargetStatus {
  readonly labels: Labels;
  readonly url: string;
  /** Undefined before the first scrape. */
  readonly last: ScrapeResult | undefined;
}

/** The targets of one job, each with its loop. Targets that stay the same keep theirs, whatever else changes. */
export class ScrapePool {
  readonly #parts: ScrapeParts;
  #settings: ScrapeSettings;
  #targets: readonly Target[] = [];
  #refused: readonly RefusedTarget[] = [];
  readonly #loops = new Map<string, ScrapeLoop>();
  #isRunning = false;
  #onBug: (error: unknown) => void = () => {};

  constructor(settings: ScrapeSettings, parts: Omit<ScrapeParts, "onBug">) {
    this.#settings = settings;
    this.#parts = { ...parts, onBug: (error) => this.#onBug(error) };
  }

  /** Scrapes until `stop` aborts; resolves when no scrape is under way. Sends no stale markers at the end. */
  async run(stop: AbortSignal): Promise<void> {
    const bug = new Promise<never>((_, reject) => {
      this.#onBug = reject;
    });
    this.#isRunning = true;
    this.#apply();
    try {
      await Promise.race([untilAborted(stop), bug]);
    } finally {
      this.#isRunning = false;
      await Promise.all([...this.#loops.values()].map((loop) => loop.stop()));
      this.#loops.clear();
    }
  }

  /** Replaces the targets. */
  sync(targets: readonly Target[]): void {
    this.#targets = targets;
    this.#apply();
  }

  update(settings: ScrapeSettings): void {
    this.#settings = settings;
    this.#apply();
  }

  get refused(): readonly RefusedTarget[] {
    return this.#refused;
  }

  status(): readonly TargetStatus[] {
    return [...this.#loops.values()]
      .filter((loop) => !loop.isRetired)
      .map(({ target, last }) => ({ labels: target.labels, url: target.url, last }));
  }

  #apply(): void {
    const { targets, refused } = this.#resolve();
    this.#refused = refused;
    if (!this.#isRunning) return;

    const { targetLimit } = this.#settings;
    const isOverLimit = targetLimit > 0 && targets.size > targetLimit;
    const message = `the job has ${targets.size} targets; target_limit is ${targetLimit}`;
    const refusal = isOverLimit ? new ScrapeFailure("target_limit", message) : undefined;
    for (const [identity, loop] of this.#loops) {
      if (!targets.has(identity) && !loop.isRetired) loop.retire(() => this.#loops.delete(identity));
    }
    for (const [identity, target] of targets) this.#loopOf(identity, target).update(target, this.#settings, refusal);
  }

  #loopOf(identity: string, target: ScrapeTarget): ScrapeLoop {
    const known = this.#loops.get(identity);
    if (known !== undefined) return known;
    const loop = new ScrapeLoop(target, this.#settings, this.#parts);
    this.#loops.set(identity, loop);
    loop.start();
    return loop;
  }

  #resolve(): { targets: Map<string, ScrapeTarget>; refused: RefusedTarget[] } {
    const targets = new Map<string, ScrapeTarget>();
    const refused: RefusedTarget[] = [];
    for (const target of this.#targets) {
      const resolved = scrapeTarget(target, this.#settings);
      if ("refused" in resolved) refused.push(resolved);
      else targets.set(resolved.identity, targets.get(resolved.identity) ?? resolved);
    }
    return { targets, refused };
  }
}
