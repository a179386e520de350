import { type Clock, sleep } from "../../lib/clock.ts";

/** As Prometheus' discovery manager and Alloy have it. */
export const exportIntervalMs = 5_000;

/** Hands something on as soon as it is asked for, but then rests: what comes meanwhile goes together, afterwards. */
export class Exports {
  readonly #clock: Clock;
  readonly #task: () => Promise<void>;
  #wanted = Promise.withResolvers<void>();

  constructor(clock: Clock, task: () => Promise<void>) {
    this.#clock = clock;
    this.#task = task;
  }

  request(): void {
    this.#wanted.resolve();
  }

  /** Resolves once `stop` has aborted and the task has ended; rejects with what the task throws. */
  async run(stop: AbortSignal): Promise<void> {
    const wake = () => this.#wanted.resolve();
    stop.addEventListener("abort", wake);
    try {
      while (!stop.aborted) {
        await this.#wanted.promise;
        if (stop.aborted) return;
        this.#wanted = Promise.withResolvers();
        await this.#task();
        await sleep(this.#clock, exportIntervalMs, stop);
      }
    } finally {
      stop.removeEventListener("abort", wake);
    }
  }
}
