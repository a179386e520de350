/** What the promise gives, or rejects with the reason of the signal, which ends the waiting and not the work. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    signal.throwIfAborted();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Whoever else waits for it is told; an error nobody waits for any more is nobody's.
    promise.catch(() => {});
  }
}
