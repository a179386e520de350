import { viewOf, WireReader } from "../../lib/protobuf-reader.ts";
import { type Labels, labelsFrom, noLabels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { Instants } from "./instants.ts";
import { PushRequestWriter } from "./request-writer.ts";
import { formatStreamLabels, parseStreamLabels } from "./stream-labels.ts";

/** Writes a push request of Loki (logproto.PushRequest), not compressed; streams of the same labels become one. */
export function encodePushRequest(batches: readonly LogBatch[]): Uint8Array {
  const request = new PushRequestWriter();
  const time = new Instants();
  for (const { stream, timestamps, lines, metadata } of batches) {
    request.open(formatStreamLabels(stream));
    time.open(timestamps);
    for (const [at, line] of lines.entries()) {
      time.read(at);
      request.append(time, line, Buffer.byteLength(line), metadata?.[at]);
    }
  }
  return request.finish();
}

/**
 * Reads a push request of Loki, decompressed already: a batch for each of its streams that has entries. Throws a
 * ProtobufError for bytes that are no such message, a LokiPushError for labels that cannot be read.
 */
export function decodePushRequest(bytes: Uint8Array): LogBatch[] {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wire = new WireReader();
  wire.open(message, viewOf(message), 0, message.length);
  const batches: LogBatch[] = [];
  while (wire.next()) {
    if (wire.field !== 1) {
      wire.skip();
      continue;
    }
    const outer = wire.enter();
    const batch = readStream(wire);
    wire.leave(outer);
    if (batch.lines.length > 0) batches.push(batch);
  }
  return batches;
}

interface Entries {
  readonly timestamps: bigint[];
  readonly lines: string[];
  readonly metadata: Labels[];
}

function readStream(wire: WireReader): LogBatch {
  let labels = "";
  const entries: Entries = { timestamps: [], lines: [], metadata: [] };
  while (wire.next()) {
    if (wire.field === 1) labels = readText(wire);
    else if (wire.field === 2) {
      const outer = wire.enter();
      readEntry(wire, entries);
      wire.leave(outer);
    } else wire.skip();
  }
  return batchOf(parseStreamLabels(labels), entries);
}

function readEntry(wire: WireReader, { timestamps, lines, metadata }: Entries): void {
  let timestamp = 0n;
  let line = "";
  const pairs: Record<string, string> = Object.create(null);
  while (wire.next()) {
    const isMessage = wire.field === 1 || wire.field === 3;
    const outer = isMessage ? wire.enter() : 0;
    if (wire.field === 1) timestamp = readTimestamp(wire);
    else if (wire.field === 3) readPair(wire, pairs);
    else if (wire.field === 2) line = readText(wire);
    else wire.skip();
    if (isMessage) wire.leave(outer);
  }
  timestamps.push(timestamp);
  lines.push(line);
  metadata.push(labelsFrom(pairs));
}

/** A google.protobuf.Timestamp, in nanoseconds; more than 64 bits of them wrap, as in Go. */
function readTimestamp(wire: WireReader): bigint {
  let seconds = 0n;
  let nanos = 0;
  while (wire.next()) {
    if (wire.field === 1) seconds = BigInt.asIntN(64, wire.uint64());
    else if (wire.field === 2) nanos = wire.int32();
    else wire.skip();
  }
  return BigInt.asIntN(64, seconds * 1_000_000_000n + BigInt(nanos));
}

function readPair(wire: WireReader, pairs: Record<string, string>): void {
  let name = "";
  let value = "";
  while (wire.next()) {
    if (wire.field === 1) name = readText(wire);
    else if (wire.field === 2) value = readText(wire);
    else wire.skip();
  }
  pairs[name] = value;
}

function readText(wire: WireReader): string {
  const from = wire.takeBytes();
  return wire.bytes.toString("utf8", from, wire.at);
}

function batchOf(stream: Labels, { timestamps, lines, metadata }: Entries): LogBatch {
  const hasMetadata = metadata.some((labels) => labels.length > 0);
  const batch = { stream, timestamps: BigInt64Array.from(timestamps), lines };
  return hasMetadata
    ? { ...batch, metadata: metadata.map((labels) => (labels.length > 0 ? labels : noLabels)) }
    : batch;
}
