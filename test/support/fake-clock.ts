import type { Clock } from "../../src/lib/clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test turns it. */
export class FakeClock implements Clock {
  #timers: Timer[] = [];
  #elapsed = 0;
  #order = 0;
  #start: number;

  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#start = start;
  }

  now(): number {
    return this.#start + Math.floor(this.#elapsed);
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#elapsed + ms, order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves the wall clock by `ms`; what is monotonic does not notice. */
  setWall(ms: number): void {
    this.#start += ms;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Turns the clock by `ms`, firing what falls due in its order and letting promises settle after each. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await settle();
    for (let next = this.#due(until); next !== undefined; next = this.#due(until)) {
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.callback();
      await settle();
    }
    this.#elapsed = until;
  }

  #due(until: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= until);
    due.sort((a, b) => a.at - b.at || a.order - b.order);
    return due[0];
  }
}

/** Lets pending promises (and a few of the event loop's turns) run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
