import { type Clock, sleep } from "./clock.ts";

/**
 * Runs `task` now and then every `intervalMs` until `stop` aborts; resolves when the last run has ended. A run that
 * takes longer than the interval delays the next one; runs never overlap. What `task` throws ends the loop and rejects.
 */
export async function every(
  clock: Clock,
  intervalMs: number,
  stop: AbortSignal,
  task: () => Promise<void> | void,
): Promise<void> {
  while (!stop.aborted) {
    const started = clock.monotonic();
    await task();
    await sleep(clock, Math.max(0, started + intervalMs - clock.monotonic()), stop);
  }
}
