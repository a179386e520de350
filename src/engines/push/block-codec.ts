import type { Outcome } from "./push-client.ts";
import type { OutgoingBlock } from "./sender.ts";

/**
 * What an endpoint's loop must know of the blocks it sends, and no more: what goes on the wire, and how to cut one. Each
 * endpoint has its own, because the protocol is agreed on with each.
 */
export interface BlockCodec {
  /** The block as this endpoint takes it. */
  request(block: OutgoingBlock): PushRequest;
  /** Both halves of a request, in their order; undefined where there is nothing left to cut. */
  halves(request: PushRequest): readonly [PushRequest, PushRequest] | undefined;
  /** The endpoint does not know the protocol: whether there is another one, which `request` speaks from now on. */
  fallBack(): boolean;
  /** What goes beside the blocks, where this protocol has a place for it. */
  aside?(payload: Uint8Array, records: number): PushRequest | undefined;
  /** What an answer means beyond its status: in some protocols it says what was written. */
  judge(outcome: Outcome, request: PushRequest): Outcome;
}

/** What one attempt sends. */
export interface PushRequest {
  readonly payload: Uint8Array;
  readonly records: number;
  /** Of the records, where there are any. */
  readonly histograms?: number;
  readonly exemplars?: number;
  /** Milliseconds since the epoch, of the newest record of the whole block. */
  readonly maxTimestamp: number;
  /** Those of the protocol. */
  readonly headers: Readonly<Record<string, string>>;
}

/** For blocks that are sent as they are: one protocol, and nothing to cut. */
export const opaqueBlocks: BlockCodec = {
  request: ({ payload, records, maxTimestamp }) => ({ payload, records, maxTimestamp, headers: {} }),
  halves: () => undefined,
  fallBack: () => false,
  judge: (outcome) => outcome,
};
