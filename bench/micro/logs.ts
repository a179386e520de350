import { LogBatcher } from "../../src/engines/queue/log-batcher.ts";
import type { Queue } from "../../src/engines/queue/queue.ts";
import { utf8 } from "../../src/engines/tail/encoding.ts";
import { splitLines } from "../../src/engines/tail/line-splitter.ts";
import { linesBatch, Timestamps } from "../../src/engines/tail/timestamps.ts";
import { decodePushRequest, encodePushRequest } from "../../src/formats/loki-push/push-request.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import type { BenchRow } from "./row.ts";

const lines = 200_000;

/** A log line on its way into a request that is ready to be sent: labels, protobuf, snappy. */
export async function bench(): Promise<BenchRow[]> {
  const gathered = [await gather(1, "", accessLog(1)), await gather(100, "", accessLog(100))];
  return [...gathered, await gather(500, " of a file", fileBatch(500)), split(), decode()];
}

async function gather(perBatch: number, what: string, batch: LogBatch): Promise<BenchRow> {
  let bytes = 0;
  const queue = {
    allocate: (length: number) => new Uint8Array(length),
    append({ payload }) {
      bytes += payload.length;
      return Promise.resolve();
    },
  } as Queue;
  const limits = { maxBytes: 2 ** 20, waitMs: 1000, maxStreams: 0 };
  const externalLabels = ["env", "prod"];
  const batcher = new LogBatcher({ queue, clock: systemClock, externalLabels, limits, onDrop: () => {} });
  const started = performance.now();
  for (let sent = 0; sent < lines; sent += perBatch) {
    const received = batcher.receive(batch);
    if (sent % 10_000 === 0) await Promise.race([received, Promise.resolve()]);
  }
  await batcher.flush();
  const nsPerSample = ((performance.now() - started) * 1e6) / lines;
  return {
    stage: `logs, ${perBatch} to a batch${what}`,
    nsPerSample,
    note: `${(bytes / lines).toFixed(0)} bytes a line`,
  };
}

/** Bytes of a file on their way to a batch. */
function split(): BenchRow {
  const bytes = fileBytes(500);
  const started = performance.now();
  for (let read = 0; read < lines; read += 500) splitLines(bytes, utf8, false);
  return { stage: "logs, lines of a file found", nsPerSample: ((performance.now() - started) * 1e6) / lines };
}

function fileBatch(length: number): LogBatch {
  return linesBatch(
    accessLog(1).stream,
    splitLines(fileBytes(length), utf8, false),
    new Timestamps(),
    1_767_225_600_000,
  );
}

function fileBytes(length: number): Buffer {
  return Buffer.from(
    accessLog(length)
      .lines.map((line) => `${line}\n`)
      .join(""),
  );
}

function decode(): BenchRow {
  const request = encodePushRequest([accessLog(1000)]);
  const started = performance.now();
  for (let read = 0; read < lines; read += 1000) decodePushRequest(request);
  return { stage: "logs, decoded", nsPerSample: ((performance.now() - started) * 1e6) / lines };
}

function accessLog(length: number): LogBatch {
  const line = (at: number) =>
    `10.0.0.${at % 250} - - [01/Jan/2026:00:00:00 +0000] "GET /path/${(at * 7919) % 1000} HTTP/1.1" 200 ${at * 31} "-" "curl"`;
  return {
    stream: ["app", "nginx", "filename", "/var/log/nginx/access.log", "host", "vm-1", "job", "varlogs"],
    timestamps: BigInt64Array.from({ length }, (_, at) => 1_767_225_600_000_000_000n + BigInt(at)),
    lines: Array.from({ length }, (_, at) => line(at)),
  };
}
