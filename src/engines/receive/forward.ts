import { describeError } from "../../lib/errors.ts";
import type { MetricBatch } from "../../signals/metric-batch.ts";
import type { Receiver } from "../../signals/receiver.ts";
import { RefusedRequest } from "./request-body.ts";

/** In seconds: what a client waits that should come again. */
export const retryAfter = { "Retry-After": "5" };

/** Resolves when the receivers have it all. What they do not take the client keeps, and sends again. */
export async function forward(
  output: Receiver<"metrics">,
  batches: readonly MetricBatch[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  // All are handed over before the first one is waited for: a receiver keeps their order.
  const results = await Promise.allSettled(batches.map((batch) => output.receive(batch)));
  const failure = results.find((result) => result.status === "rejected");
  if (failure === undefined) return;
  throw new RefusedRequest(503, `not written, send it again: ${describeError(failure.reason)}`, {
    ...headers,
    ...retryAfter,
  });
}
