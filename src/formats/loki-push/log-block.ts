import type { SnappyEncoder } from "../../lib/snappy.ts";
import { decompress } from "../../lib/snappy-decode.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { decodePushRequest } from "./push-request.ts";

/** What a block of the queue is that holds a push request, as its frame says; those of metrics are 1 and 2. */
export const logBlockKind = 3;

/** Of a request that nobody but this agent has written. */
const largestRequest = 1024 * 2 ** 20;

/**
 * A block of logs: one request of one tenant, who is not part of the request, and therefore stands in front of it.
 *
 *     0  u16 length of the tenant, little-endian    2  tenant    …  push request, compressed with snappy
 */
export interface LogBlock {
  /** Empty where the entries do not say: each endpoint has one of its own for them. */
  readonly tenant: string;
  /** As it goes on the wire. */
  readonly request: Uint8Array;
}

/** `request` is not compressed yet; `allocate` gives the memory that the block shall be in. */
export function writeLogBlock(
  tenant: string,
  request: Uint8Array,
  encoder: SnappyEncoder,
  allocate: (length: number) => Uint8Array,
): Uint8Array {
  const name = Buffer.from(tenant);
  const compressed = encoder.compressed(request);
  const block = allocate(2 + name.length + compressed.length);
  block[0] = name.length;
  block[1] = name.length >> 8;
  block.set(name, 2);
  block.set(compressed, 2 + name.length);
  return block;
}

export function readLogBlock(block: Uint8Array): LogBlock {
  const end = 2 + (block[0] ?? 0) + (block[1] ?? 0) * 256;
  return { tenant: Buffer.from(block.subarray(2, end)).toString(), request: block.subarray(end) };
}

/** The entries of a compressed request. Throws where the bytes are none. */
export function readRequest(request: Uint8Array): LogBatch[] {
  return decodePushRequest(decompress(request, largestRequest));
}
