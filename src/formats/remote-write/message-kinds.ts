import type { ProtobufMessage } from "./decode.ts";

/** What a block of the queue is, by the kind that its frame says. */
export const messageKinds = { "prometheus.WriteRequest": 1, "io.prometheus.write.v2.Request": 2 } as const;

export function messageOfKind(kind = 1): ProtobufMessage {
  return kind === 2 ? "io.prometheus.write.v2.Request" : "prometheus.WriteRequest";
}
