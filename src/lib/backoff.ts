export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** Share of a delay that is random, each way: 0.1 gives ±10 %. */
  readonly jitter?: number;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Delays that double from `minMs` to `maxMs`; with jitter, yet never shorter than the one before. */
export class Backoff {
  readonly #options: BackoffOptions;
  #base: number;
  #last = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#base = options.minMs;
  }

  /** The delay before the next attempt, in milliseconds. */
  next(): number {
    const { maxMs, jitter = 0, random } = this.#options;
    const jittered = this.#base * (1 + jitter * (2 * random() - 1));
    this.#base = Math.min(this.#base * 2, maxMs);
    this.#last = Math.max(this.#last, Math.min(jittered, maxMs));
    return this.#last;
  }

  /** Call it after a success. */
  reset(): void {
    this.#base = this.#options.minMs;
    this.#last = 0;
  }
}
