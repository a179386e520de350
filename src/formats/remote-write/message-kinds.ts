import type { ProtobufMessage } from "./decode.ts";

/** What a block of the queue is, by the kind that its frame says. */
export const messageKinds = { "prometheus.WriteRequest": 1, "io.prometheus.write.v2.Request": 2 } as const;

/** Added to the kind of a block that does not hold samples alone. */
const mixed = 4;

export function messageOfKind(kind = 1): ProtobufMessage {
  return (kind & ~mixed) === 2 ? "io.prometheus.write.v2.Request" : "prometheus.WriteRequest";
}

/** The kind of a block that holds histograms or exemplars. */
export function mixedKind(kind: number): number {
  return kind | mixed;
}

export function isMixed(kind = 1): boolean {
  return (kind & mixed) !== 0;
}
