import { setTimeout as pause } from "node:timers/promises";

const usualLimitMs = 30_000;
const pauseMs = 100;

/**
 * Asks a real server again until the assertion holds. Only for servers whose clock no test can turn; the pause keeps
 * it from asking in a tight loop, and the last failure is thrown when time is up.
 */
export async function eventually<T>(assertion: () => Promise<T> | T, limitMs = usualLimitMs): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(pauseMs);
    }
  }
}
