import { decodeMessagePack, MessagePackError, MessagePackExtension } from "../../lib/msgpack.ts";
import { type MessagePackLimits, MessagePackSplitter } from "../../lib/msgpack-splitter.ts";

/** A record as MessagePack has it: text is bytes, integers of 64 bits are bigints. */
export type ForwardRecord = Readonly<Record<string, unknown>>;

export interface ForwardEvent {
  /** Nanoseconds since the epoch; left out where the sender gives none. */
  readonly time?: bigint;
  readonly record: ForwardRecord;
}

export interface ForwardEvents {
  readonly events: readonly ForwardEvent[];
  /** Entries that are no events. */
  readonly malformed: number;
}

export type Compression = "gzip" | "zstd";

export interface ForwardMessage {
  readonly tag: string;
  /** Events as they are, or packed as a stream of MessagePack, and then perhaps compressed. */
  readonly content: ForwardEvents | { readonly packed: Uint8Array; readonly compression?: Compression };
  /** What the sender wants to be acknowledged. */
  readonly chunk?: string;
}

/** A message that is none of the protocol. */
export class ForwardError extends Error {}

/**
 * A message of Fluentd's forward protocol (v1) in any of its modes; undefined for the nil that is a heartbeat. Throws a
 * ForwardError.
 *
 *     [tag, time, record, option?]              Message
 *     [tag, [[time, record], …], option?]       Forward
 *     [tag, bytes, option?]                     PackedForward; with the option `compressed`, CompressedPackedForward
 */
export function readForwardMessage(value: unknown): ForwardMessage | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value)) throw new ForwardError("a message has to be an array");
  const [tagBytes, second] = value;
  if (!(tagBytes instanceof Uint8Array)) throw new ForwardError("a message has to begin with a tag");
  const tag = textOf(tagBytes);
  if (second instanceof Uint8Array) {
    const { compressed, chunk } = optionOf(value[2]);
    return { tag, content: { packed: second, ...compressed }, ...chunk };
  }
  if (Array.isArray(second)) return { tag, content: readEntries(second), ...optionOf(value[2]).chunk };
  return { tag, content: readEntries([value.slice(1, 3)]), ...optionOf(value[3]).chunk };
}

/** The entries of a packed message, decompressed. Throws a ForwardError. */
export function readPackedEntries(bytes: Uint8Array, limits: MessagePackLimits): ForwardEvents {
  const { values, error } = new MessagePackSplitter(limits).push(bytes);
  if (error !== undefined) throw new ForwardError(error);
  return readEntries(values.map(decoded));
}

/** Throws a ForwardError. */
export function decoded(bytes: Uint8Array): unknown {
  try {
    return decodeMessagePack(bytes);
  } catch (error) {
    if (error instanceof MessagePackError) throw new ForwardError(error.message);
    throw error;
  }
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

interface Option {
  readonly chunk: { readonly chunk?: string };
  readonly compressed: { readonly compression?: Compression };
}

function optionOf(value: unknown): Option {
  if (!isRecord(value)) return { chunk: {}, compressed: {} };
  const { chunk, compressed, fluent_signal: signal = 0 } = value;
  // Fluent Bit sends metrics and traces the same way.
  if (Number(signal) !== 0) throw new ForwardError("a message holds metrics or traces, and not logs");
  return { chunk: chunk instanceof Uint8Array ? { chunk: textOf(chunk) } : {}, compressed: compressionOf(compressed) };
}

function compressionOf(value: unknown): Option["compressed"] {
  const name = value instanceof Uint8Array ? textOf(value) : "text";
  if (name === "text") return {};
  if (name === "gzip" || name === "zstd") return { compression: name };
  throw new ForwardError(`a message is compressed by "${name}"; gzip and zstd can be read`);
}

function readEntries(entries: readonly unknown[]): ForwardEvents {
  const events = entries.flatMap((entry) => readEntry(entry) ?? []);
  return { events, malformed: entries.length - events.length };
}

/** `[time, record]`, or `[[time, metadata], record]` as Fluent Bit has it; its metadata are not looked at. */
function readEntry(entry: unknown): ForwardEvent | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [first, record] = entry;
  if (!isRecord(record)) return undefined;
  const time = nanosecondsOf(Array.isArray(first) ? first[0] : first);
  return { record, ...(time !== undefined && { time }) };
}

/** Whole seconds, seconds as a float, or an EventTime: extension 0 with seconds and nanoseconds of 32 bits each. */
function nanosecondsOf(time: unknown): bigint | undefined {
  if (typeof time === "bigint") return time * 1_000_000_000n;
  if (typeof time === "number" && Number.isFinite(time)) {
    const seconds = Math.floor(time);
    return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round((time - seconds) * 1e6)) * 1000n;
  }
  if (!(time instanceof MessagePackExtension) || time.type !== 0 || !(time.data instanceof Uint8Array))
    return undefined;
  const { buffer, byteOffset, byteLength } = time.data;
  if (byteLength !== 8) return undefined;
  const view = new DataView(buffer, byteOffset, byteLength);
  return BigInt(view.getUint32(0)) * 1_000_000_000n + BigInt(view.getUint32(4));
}

function isRecord(value: unknown): value is ForwardRecord {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype;
}
