import type { Clock } from "./clock.ts";

/** Allows one event per interval, and a burst of them after a pause. Begins full. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor({ clock, intervalMs, burst }: { clock: Clock; intervalMs: number; burst: number }) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#burst = burst;
    this.#tokens = burst;
    this.#at = clock.monotonic();
  }

  hasToken(): boolean {
    this.#refill();
    return this.#tokens >= 1;
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    if (!this.hasToken()) return false;
    this.#tokens--;
    return true;
  }

  /** Milliseconds until there is a token; 0 when there is one. */
  msUntilToken(): number {
    return this.hasToken() ? 0 : (1 - this.#tokens) * this.#intervalMs;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) / this.#intervalMs);
    this.#at = now;
  }
}
