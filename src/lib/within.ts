import type { Clock } from "./clock.ts";
import { HttpError } from "./http-error.ts";

/** Runs a task whose signal aborts after `ms`, saying that `what` does not answer, or with `outer`. */
export async function within<T>(
  ms: number,
  clock: Clock,
  outer: AbortSignal,
  what: string,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController();
  const cancel = clock.after(ms, () => timeout.abort(new HttpError(`${what} does not answer within ${ms / 1000}s`)));
  try {
    return await task(AbortSignal.any([timeout.signal, outer]));
  } finally {
    cancel();
  }
}
