import { Rows } from "../../formats/exposition/rows.ts";
import { untilAborted } from "../../lib/until-aborted.ts";
import { Interner } from "../../signals/interner.ts";
import type { Target } from "../../signals/targets.ts";
import { BodyPool } from "./body-pool.ts";
import { ScrapeFailure } from "./failure.ts";
import { ScrapeLoop, type ScrapeParts, type ScrapeResult } from "./scrape-loop.ts";
import type { ScrapeSettings } from "./settings.ts";
import { type RefusedTarget, type ScrapeTarget, scrapeTarget, type UnwantedTarget } from "./target.ts";

export interface TargetStatus {
  readonly target: ScrapeTarget;
  /** Undefined before the first scrape. */
  readonly last: ScrapeResult | undefined;
}

/** The targets of one job, each with its loop. Targets that stay the same keep theirs, whatever else changes. */
export class ScrapePool {
  readonly #parts: ScrapeParts;
  #settings: ScrapeSettings;
  #targets: readonly Target[] = [];
  #refused: readonly RefusedTarget[] = [];
  #unwanted: readonly UnwantedTarget[] = [];
  readonly #loops = new Map<string, ScrapeLoop>();
  #isOverLimit = false;
  #isOurs: (identity: string) => boolean = () => true;
  #isRunning = false;
  #onBug: (error: unknown) => void = () => {};

  constructor(settings: ScrapeSettings, parts: Omit<ScrapeParts, "bodies" | "rows" | "interner" | "onBug">) {
    this.#settings = settings;
    const shared = { bodies: new BodyPool(), rows: new Rows(), interner: new Interner() };
    this.#parts = { ...parts, ...shared, onBug: (error) => this.#onBug(error) };
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

  /**
   * Says which targets others scrape. One of theirs gets no stale markers when it moves: its series go on. What runs in
   * this process is always ours.
   */
  share(isOurs: (identity: string) => boolean): void {
    this.#isOurs = isOurs;
    this.#apply();
  }

  update(settings: ScrapeSettings): void {
    this.#settings = settings;
    this.#apply();
  }

  get refused(): readonly RefusedTarget[] {
    return this.#refused;
  }

  /** Those that the job's relabel rules take away. */
  get unwanted(): readonly UnwantedTarget[] {
    return this.#unwanted;
  }

  /** Whether there are more targets than `target_limit`, so that all of them are down. */
  get isOverLimit(): boolean {
    return this.#isOverLimit;
  }

  status(): readonly TargetStatus[] {
    return [...this.#loops.values()].filter((loop) => !loop.isRetired).map(({ target, last }) => ({ target, last }));
  }

  #apply(): void {
    const { targets, refused, unwanted } = this.#resolve();
    const { targetLimit } = this.#settings;
    this.#refused = refused;
    this.#unwanted = unwanted;
    this.#isOverLimit = targetLimit > 0 && targets.size > targetLimit;
    if (!this.#isRunning) return;

    const message = `the job has ${targets.size} targets; target_limit is ${targetLimit}`;
    const refusal = this.#isOverLimit ? new ScrapeFailure("target_limit", message) : undefined;
    for (const [identity, loop] of this.#loops) {
      if (!targets.has(identity) && !loop.isRetired) loop.retire(() => this.#loops.delete(identity));
    }
    for (const [identity, target] of targets) {
      if (target.gather || this.#isOurs(identity))
        this.#loopOf(identity, target).update(target, this.#settings, refusal);
      else this.#handOver(identity);
    }
  }

  #handOver(identity: string): void {
    const loop = this.#loops.get(identity);
    if (loop === undefined) return;
    this.#loops.delete(identity);
    void loop.stop();
  }

  #loopOf(identity: string, target: ScrapeTarget): ScrapeLoop {
    const known = this.#loops.get(identity);
    if (known !== undefined) return known;
    const loop = new ScrapeLoop(target, this.#settings, this.#parts);
    this.#loops.set(identity, loop);
    loop.start();
    return loop;
  }

  #resolve(): { targets: Map<string, ScrapeTarget>; refused: RefusedTarget[]; unwanted: UnwantedTarget[] } {
    const targets = new Map<string, ScrapeTarget>();
    const refused: RefusedTarget[] = [];
    const unwanted: UnwantedTarget[] = [];
    for (const target of this.#targets) {
      const resolved = scrapeTarget(target, this.#settings);
      if ("refused" in resolved) refused.push(resolved);
      else if ("dropped" in resolved) unwanted.push(resolved);
      else targets.set(resolved.identity, targets.get(resolved.identity) ?? resolved);
    }
    return { targets, refused, unwanted };
  }
}
