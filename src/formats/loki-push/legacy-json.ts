import { parseRfc3339 } from "../../lib/rfc3339.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import { listAt, objectAt, parse, wrong } from "./json-values.ts";
import { parseStreamLabels } from "./stream-labels.ts";

/**
 * Reads the JSON of Loki's first push API, `/api/prom/push`: the labels are text, the entries are objects, and a time is
 * RFC 3339. Throws a LokiPushError.
 */
export function decodeLegacyJson(text: string): LogBatch[] {
  const { streams } = objectAt(parse(text), "the body");
  return listAt(streams, "streams")
    .map((stream, at) => readStream(objectAt(stream, `streams[${at}]`), `streams[${at}]`))
    .filter(({ lines }) => lines.length > 0);
}

function readStream({ labels, entries }: Record<string, unknown>, place: string): LogBatch {
  if (typeof labels !== "string") throw wrong(`${place}.labels`, "a string");
  const read = listAt(entries, `${place}.entries`).map((entry, at) => {
    const where = `${place}.entries[${at}]`;
    const { ts, line } = objectAt(entry, where);
    if (typeof line !== "string") throw wrong(`${where}.line`, "a string");
    return { timestamp: nanoseconds(ts, `${where}.ts`), line };
  });
  const timestamps = BigInt64Array.from(read, ({ timestamp }) => timestamp);
  return { stream: parseStreamLabels(labels), timestamps, lines: read.map(({ line }) => line) };
}

function nanoseconds(value: unknown, where: string): bigint {
  const time = parseRfc3339(String(value));
  if (time === undefined) throw wrong(where, "a time such as 2026-01-01T00:00:00.000000001Z");
  return time;
}
