import { labelsFrom } from "../../src/signals/labels.ts";
import type { LogBatch } from "../../src/signals/log-batch.ts";
import type { Receiver } from "../../src/signals/receiver.ts";

/** Lines of one stream; without times of their own they are a nanosecond apart. */
export function logBatch(
  stream: Readonly<Record<string, string>>,
  lines: readonly string[],
  timestamps: readonly bigint[] = lines.map((_, at) => BigInt(at)),
): LogBatch {
  return { stream: labelsFrom(stream), lines, timestamps: BigInt64Array.from(timestamps) };
}

/** Keeps copies of what it receives, as a batch is valid only until `receive` returns. */
export class LogRecorder implements Receiver<"logs"> {
  readonly batches: LogBatch[] = [];

  receive(batch: LogBatch): Promise<void> {
    this.batches.push({ ...batch, lines: [...batch.lines], timestamps: batch.timestamps.slice() });
    return Promise.resolve();
  }

  get lines(): string[] {
    return this.batches.flatMap(({ lines }) => lines);
  }
}
