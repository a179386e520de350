import type { Clock } from "../../lib/clock.ts";
import { describeError } from "../../lib/errors.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { retryAfter } from "./forward.ts";
import { RefusedRequest } from "./request-body.ts";

/** How long the receivers may take. Whoever pushes waits 10 s in most cases, and then pushes again. */
const patienceMs = 8000;

/**
 * Hands what was pushed to the receivers. Receivers that have no room take a batch later: the request that it came with
 * is told to come again, though the batch cannot be taken back, and while there is such a batch every other request is
 * told so before anything of it is handed on.
 */
export class LogForwarder {
  readonly #output: Receiver<"logs">;
  readonly #clock: Clock;
  #late = 0;

  constructor(output: Receiver<"logs">, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** Resolves when the receivers have it all. Throws a RefusedRequest otherwise. */
  async forward(batches: readonly LogBatch[]): Promise<void> {
    if (this.#late > 0) throw noRoom();
    // All are handed over before the first one is waited for: a receiver keeps their order.
    const settled = Promise.allSettled(batches.map((batch) => this.#output.receive(batch)));
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#clock.after(patienceMs, () => resolve(undefined));
    const results = await Promise.race([settled, late]);
    cancel();
    if (results === undefined) {
      this.#late++;
      void settled.then(() => this.#late--);
      throw noRoom();
    }
    const failure = results.find((result) => result.status === "rejected");
    if (failure === undefined) return;
    throw new RefusedRequest(503, `not written, send it again: ${describeError(failure.reason)}`, retryAfter);
  }
}

function noRoom(): RefusedRequest {
  return new RefusedRequest(503, "the receivers have no room at present, send it again", retryAfter);
}
