import { Backoff } from "../../lib/backoff.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";

interface DeliveryOptions {
  readonly output: Receiver<"logs">;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** How long after the stop an acknowledgement still counts. The receivers need the rest of the time for themselves. */
const graceMs = 2000;

/** Hands batches over until the receivers have them: what is read from a source is not given up. */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** True once the receivers have them all; false when the stop came first: the next start has to send them again. */
  async deliver(batches: readonly LogBatch[], stop: AbortSignal): Promise<boolean> {
    const { output, clock, random, log } = this.#options;
    const backoff = new Backoff({ minMs: 1000, maxMs: 30_000, jitter: 0.1, random });
    for (let missing = batches; ; ) {
      // All are handed over before the first one is waited for: a receiver keeps their order.
      const received = Promise.allSettled(missing.map((batch) => output.receive(batch)));
      const results = await untilStopped(received, stop, clock);
      if (results === undefined) return false;
      const failure = results.find((result) => result.status === "rejected");
      if (failure === undefined) return true;
      missing = missing.filter((_, at) => results[at]?.status === "rejected");
      if (stop.aborted) return false;
      log.warn("entries were not taken; sending them again", { error: failure.reason });
      await sleep(clock, backoff.next(), stop);
      if (stop.aborted) return false;
    }
  }
}

/** What the promise gives, or undefined some time after the stop. */
async function untilStopped<T>(promise: Promise<T>, stop: AbortSignal, clock: Clock): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  let cancel = () => {};
  const onStop = () => {
    cancel = clock.after(graceMs, () => resolve(undefined));
  };
  if (stop.aborted) onStop();
  else stop.addEventListener("abort", onStop, { once: true });
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.removeEventListener("abort", onStop);
    cancel();
  }
}
