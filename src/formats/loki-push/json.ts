import { type Labels, labelsFrom, noLabels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { describeStreams } from "./describe.ts";
import { objectAt, parse, wrong } from "./json-values.ts";

/** Writes the JSON of Loki's push API. */
export function encodeJson(batches: readonly LogBatch[]): string {
  return JSON.stringify({ streams: describeStreams(batches) });
}

/**
 * Reads the JSON of Loki's push API: a batch for each stream that has entries. Like Loki it takes a timestamp only as a
 * string, because numbers of that size do not survive JSON everywhere. Throws a LokiPushError.
 */
export function decodeJson(text: string): LogBatch[] {
  const { streams } = objectAt(parse(text), "the body");
  if (!Array.isArray(streams)) throw wrong("streams", "a list");
  return streams.map(readStream).filter(({ lines }) => lines.length > 0);
}

function readStream(value: unknown, at: number): LogBatch {
  const place = `streams[${at}]`;
  const { stream, values } = objectAt(value, place);
  if (!Array.isArray(values)) throw wrong(`${place}.values`, "a list");
  const labels = labelsAt(stream, `${place}.stream`);
  const timestamps = new BigInt64Array(values.length);
  const lines: string[] = [];
  const metadata: Labels[] = [];
  for (const [index, entry] of values.entries()) {
    const where = `${place}.values[${index}]`;
    if (!Array.isArray(entry) || entry.length < 2 || entry.length > 3) throw wrong(where, "a list of two or three");
    const [timestamp, line, pairs] = entry;
    timestamps[index] = timestampAt(timestamp, `${where}[0]`);
    if (typeof line !== "string") throw wrong(`${where}[1]`, "a string");
    lines.push(line);
    metadata.push(pairs === undefined ? noLabels : labelsAt(pairs, `${where}[2]`));
  }
  const hasMetadata = metadata.some((each) => each.length > 0);
  return { stream: labels, timestamps, lines, ...(hasMetadata && { metadata }) };
}

function timestampAt(value: unknown, where: string): bigint {
  const isDecimal = typeof value === "string" && /^-?[0-9]{1,19}$/.test(value);
  const timestamp = isDecimal ? BigInt(value) : 0n;
  if (!isDecimal || BigInt.asIntN(64, timestamp) !== timestamp) throw wrong(where, "a string of nanoseconds");
  return timestamp;
}

function labelsAt(value: unknown, where: string): Labels {
  const record = objectAt(value, where);
  for (const [name, text] of Object.entries(record)) {
    if (typeof text !== "string") throw wrong(`${where}.${name}`, "a string");
  }
  return labelsFrom(record as Record<string, string>);
}
