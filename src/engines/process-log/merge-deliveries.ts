import type { Delivery } from "./delivery.ts";

/** Those of both, each once. Lines that belong together mostly come in one batch. */
export function mergeDeliveries(a: readonly Delivery[], b: readonly Delivery[]): readonly Delivery[] {
  const added = b.filter((delivery) => !a.includes(delivery));
  return added.length === 0 ? a : [...a, ...added];
}
