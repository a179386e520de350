/** What went wrong in a few words, for a log line, a health reason or a page: the messages of the error and its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || (error as NodeJS.ErrnoException).code || error.name;
  if (error.cause === undefined) return message;
  const cause = describeError(error.cause);
  return message.includes(cause) ? message : `${message}: ${cause}`;
}

/** A broken invariant of ours. It ends the process; systemd restarts it. */
export function bug(message: string): Error {
  return new Error(`BUG: ${message}`);
}
