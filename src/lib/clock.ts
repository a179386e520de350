/** Time as an argument. Tests hand in one that they turn by hand (test/support/fake-clock.ts). */
export interface Clock {
  /** Wall clock, whole milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. For durations and schedules. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    // setTimeout takes at most 2^31-1 ms and would fire at once beyond it.
    const timer = setTimeout(callback, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when `stop` is or becomes aborted. Never rejects: look at `stop.aborted` after it. */
export function sleep(clock: Clock, ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = clock.after(ms, done);
    function done() {
      stop.removeEventListener("abort", onAbort);
      resolve();
    }
    function onAbort() {
      cancel();
      done();
    }
    stop.addEventListener("abort", onAbort, { once: true });
  });
}
