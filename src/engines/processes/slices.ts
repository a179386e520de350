import type { Clock } from "../../lib/clock.ts";

/** How long the process may be held at a time. */
const sliceMs = 5;

/** Cuts long synchronous work: thousands of processes must not keep a scrape of another target waiting. */
export class Slices {
  readonly #clock: Clock;
  #started: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#started = clock.monotonic();
  }

  /** Resolves at once within a slice; at its end, after everybody else had a turn. */
  next(): Promise<void> | undefined {
    if (this.#clock.monotonic() - this.#started < sliceMs) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        this.#started = this.#clock.monotonic();
        resolve();
      }),
    );
  }
}
