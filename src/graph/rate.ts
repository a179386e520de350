const windowMs = 15_000;

/** Records per second over the last full window, or over the current one while there is no other. */
export class Rate {
  #windowStart: number;
  #records = 0;
  #last: number | undefined;

  constructor(now: number) {
    this.#windowStart = now;
  }

  /** `now` is monotonic milliseconds. */
  add(now: number, records: number): void {
    this.#roll(now);
    this.#records += records;
  }

  perSecond(now: number): number {
    this.#roll(now);
    if (this.#last !== undefined) return this.#last;
    const elapsed = now - this.#windowStart;
    return elapsed <= 0 ? 0 : (this.#records * 1000) / elapsed;
  }

  #roll(now: number): void {
    const elapsed = now - this.#windowStart;
    if (elapsed < windowMs) return;
    this.#last = (this.#records * 1000) / elapsed;
    this.#records = 0;
    this.#windowStart = now;
  }
}
