import type { Clock } from "../../lib/clock.ts";
import type { TargetGroup } from "../../signals/targets.ts";
import { everything, type Failures } from "./failures.ts";
import type { Emptied, KnownGroups } from "./known-groups.ts";
import type { Sink } from "./search.ts";

export interface WatchSinkOptions {
  readonly clock: Clock;
  /** How long a list without any target is doubted. */
  readonly graceMs: number;
  readonly onEmptied: (emptied: Emptied) => void;
  readonly onFailure: () => void;
  readonly onNews: () => void;
}

/** What a watch says, brought to the groups that are known. */
export class WatchSink implements Sink {
  readonly #known: KnownGroups;
  readonly #failures: Failures;
  readonly #options: WatchSinkOptions;
  /** Set while an empty list is doubted. */
  #cancelDoubt: (() => void) | undefined;

  constructor(known: KnownGroups, failures: Failures, options: WatchSinkOptions) {
    this.#known = known;
    this.#failures = failures;
    this.#options = options;
  }

  replace(groups: readonly TargetGroup[]): void {
    const full = groups.filter(({ targets }) => targets.length > 0);
    this.#failures.retain(new Set());
    this.#takeList(full.length === 0, () => this.#known.replace(full));
  }

  retain(sources: Iterable<string>): void {
    const names = new Set(sources);
    this.#failures.retain(names);
    this.#takeList(names.size === 0, () => this.#known.retain(names));
  }

  update(groups: readonly TargetGroup[]): void {
    // Whoever names targets again meant the list before, too.
    if (groups.some(({ targets }) => targets.length > 0)) this.#endDoubt()?.();
    for (const group of groups) {
      this.#known.set(group);
      this.#failures.clear(group.source);
    }
    this.#news();
  }

  alive(source: string = everything): void {
    this.#failures.clear(source);
    this.#news();
  }

  fail(error: unknown, source: string = everything): void {
    this.#failures.set(source, error);
    this.#options.onFailure();
  }

  close(): void {
    this.#endDoubt();
  }

  #takeList(isEmpty: boolean, take: () => void): void {
    const { clock, graceMs, onEmptied } = this.#options;
    if (!isEmpty || this.#known.isEmpty || graceMs === 0) {
      this.#endDoubt();
      take();
    } else if (this.#cancelDoubt === undefined) {
      onEmptied(this.#emptied(false));
      this.#cancelDoubt = clock.after(graceMs, () => this.#believe());
    }
    this.#news();
  }

  #believe(): void {
    this.#cancelDoubt = undefined;
    this.#options.onEmptied(this.#emptied(true));
    this.#known.replace([]);
    this.#options.onNews();
  }

  #emptied(isBelieved: boolean): Emptied {
    return { source: "all", targets: this.#known.targetCount, isBelieved };
  }

  /** Returns how to take the doubted list after all, if there is one. */
  #endDoubt(): (() => void) | undefined {
    const cancel = this.#cancelDoubt;
    this.#cancelDoubt = undefined;
    cancel?.();
    return cancel && (() => this.#known.replace([]));
  }

  #news(): void {
    this.#failures.clear(everything);
    this.#options.onNews();
  }
}
