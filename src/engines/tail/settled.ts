/**
 * A value as it was some time ago. A queue that syncs at an interval may forget, in a power cut, what it acknowledged
 * within the last one: a position is written to disk only once it is older than that.
 *
 *     set ──► newest ──► (after the time) settled
 *              one candidate in between: bounded, and never more than twice the time behind
 */
export class Settled<T> {
  readonly #settleMs: number;
  #settled: T;
  #candidate: { readonly value: T; readonly at: number } | undefined;
  #newest: T;

  constructor(value: T, settleMs: number) {
    this.#settled = value;
    this.#newest = value;
    this.#settleMs = settleMs;
  }

  get newest(): T {
    return this.#newest;
  }

  set(value: T, now: number): void {
    this.#newest = value;
    this.#promote(now);
    this.#candidate ??= { value, at: now };
  }

  /** The last value that is old enough. */
  at(now: number): T {
    this.#promote(now);
    return this.#settled;
  }

  #promote(now: number): void {
    if (this.#candidate === undefined || now - this.#candidate.at < this.#settleMs) return;
    this.#settled = this.#candidate.value;
    // Whatever came since is a candidate from now on.
    this.#candidate = this.#newest === this.#settled ? undefined : { value: this.#newest, at: now };
  }
}
