import type { Clock } from "./clock.ts";

/**
 * Times for what comes in, in nanoseconds since the epoch. The clock tells milliseconds; no two times are the same all the
 * same, because Loki takes equal lines of one time for one.
 */
export class RisingNanoseconds {
  readonly #clock: Clock;
  #last = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): bigint {
    const now = BigInt(this.#clock.now()) * 1_000_000n;
    // A clock that was set back is followed: only the times within one millisecond are made up.
    const isSameMs = this.#last >= now && this.#last < now + 1_000_000n;
    this.#last = isSameMs ? this.#last + 1n : now;
    return this.#last;
  }
}
