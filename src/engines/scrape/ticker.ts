import { createHash } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";

/** A timestamp this near to its ideal tick (and within 1 % of the interval) is the tick's: it compresses better. */
const toleranceMs = 2;

/**
 * Where in the interval this target's ticks lie: the same on every start, and spread evenly over targets, and over
 * machines that scrape the same targets.
 */
export function tickOffset(identity: string, hostname: string, intervalMs: number): number {
  const hash = createHash("sha256").update(`${hostname}\n${identity}`).digest();
  return Math.floor((hash.readUInt32BE() / 2 ** 32) * intervalMs);
}

/**
 * Ticks of a fixed interval that begin at an offset from the interval's multiples on the absolute clock and then run on
 * the monotonic one. Whoever is late gets one tick at once, not all that were missed.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  /** The next tick on the monotonic clock, and what the wall clock should show then. */
  #due: number;
  #ideal: number;
  #cancel: (() => void) | undefined;
  #fired = false;

  constructor(clock: Clock, intervalMs: number, offsetMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    const now = clock.now();
    const delay = (offsetMs - (now % intervalMs) + intervalMs) % intervalMs;
    this.#due = clock.monotonic() + delay;
    this.#ideal = now + delay;
  }

  /** Calls back once, at the next tick, with its timestamp. */
  next(callback: (timestamp: number) => void): void {
    if (this.#fired) this.#advance();
    this.#fired = false;
    this.#cancel = this.#clock.after(Math.max(0, this.#due - this.#clock.monotonic()), () => {
      this.#cancel = undefined;
      this.#fired = true;
      callback(this.#timestamp());
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #advance(): void {
    const late = this.#clock.monotonic() - this.#due;
    const ticks = Math.max(1, Math.floor(late / this.#intervalMs));
    this.#due += ticks * this.#intervalMs;
    this.#ideal += ticks * this.#intervalMs;
  }

  #timestamp(): number {
    const now = this.#clock.now();
    const tolerance = Math.min(toleranceMs, this.#intervalMs / 100);
    const ideal = this.#ideal + Math.round((now - this.#ideal) / this.#intervalMs) * this.#intervalMs;
    if (Math.abs(now - ideal) > tolerance) return now;
    this.#ideal = ideal;
    return ideal;
  }
}
