import { Decoder, Encoder, ExtData } from "@msgpack/msgpack";

/** A value of an extension type. */
export const MessagePackExtension = ExtData;
export type MessagePackExtension = ExtData;

/** What is no MessagePack, or holds what we do not take. */
export class MessagePackError extends Error {}

/**
 * One value, whole. Text comes as bytes, as binary does, because old senders mark binary as text; the keys of maps are strings.
 * Integers of 64 bits are bigints. An array takes as much memory as it claims to be long, so bytes that others sent must
 * have been split by a MessagePackSplitter. Throws a MessagePackError.
 */
export function decodeMessagePack(bytes: Uint8Array): unknown {
  const decoder = new Decoder({ rawStrings: true, useBigInt64: true, mapKeyConverter });
  try {
    // Not a Buffer, parts of which would be Buffers: they have ideas of their own about JSON.
    return decoder.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    if (error instanceof Error) throw new MessagePackError(error.message);
    throw error;
  }
}

export function encodeMessagePack(value: unknown): Uint8Array {
  return new Encoder({ useBigInt64: true }).encode(value);
}

function mapKeyConverter(key: unknown): string | number {
  if (typeof key === "string" || typeof key === "number") return key;
  return key instanceof Uint8Array ? Buffer.from(key).toString() : String(key);
}
