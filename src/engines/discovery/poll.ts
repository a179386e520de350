import { type Clock, sleep } from "../../lib/clock.ts";

/** Hints come in bursts, and the first of a burst comes when a file is half written. */
const settleMs = 250;

/** Runs a task now, then whenever the time is over that the task asked for, and sooner after a hint. Runs never overlap. */
export class Poll {
  readonly #clock: Clock;
  readonly #task: () => Promise<number>;
  #wake = new AbortController();
  #cancelHint: (() => void) | undefined;

  /** `task` says after how many milliseconds it wants to run again. */
  constructor(clock: Clock, task: () => Promise<number>) {
    this.#clock = clock;
    this.#task = task;
  }

  /** Something may have changed. Costs nothing to call often. */
  hint(): void {
    this.#cancelHint ??= this.#clock.after(settleMs, () => {
      this.#cancelHint = undefined;
      this.#wake.abort();
    });
  }

  /** Resolves once `stop` has aborted and the task has ended; rejects with what the task throws. */
  async run(stop: AbortSignal): Promise<void> {
    const wake = () => this.#wake.abort();
    stop.addEventListener("abort", wake);
    try {
      while (!stop.aborted) {
        // Before the task, so that a hint that falls due during it is not lost.
        this.#wake = new AbortController();
        const waitMs = await this.#task();
        if (!stop.aborted) await sleep(this.#clock, waitMs, this.#wake.signal);
      }
    } finally {
      stop.removeEventListener("abort", wake);
      this.#cancelHint?.();
    }
  }
}
