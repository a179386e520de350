import { ExpositionError } from "./exposition-error.ts";

/** Seconds as they stand there, in milliseconds, as Go converts them: toward zero, and what is too large wraps. */
export function milliseconds(seconds: number | undefined): number {
  if (seconds === undefined || !Number.isFinite(seconds)) throw new ExpositionError("expected a timestamp in seconds");
  const time = Math.trunc(seconds * 1000) + 0;
  return Math.abs(time) < 2 ** 63 ? time : -(2 ** 63);
}
