import type { Clock } from "./clock.ts";

/** Times of arrival in nanoseconds, no two of them the same: Loki takes equal lines of the same time for one. */
export class ArrivalTimes {
  readonly #clock: Pick<Clock, "now">;
  #last = 0n;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  next(): bigint {
    const now = BigInt(this.#clock.now()) * 1_000_000n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last;
  }
}
