import type { LogBatch } from "../../signals/log-batch.ts";

/** Both halves of what is to be sent, by entries and in their order; undefined where there is only one. */
export function splitBatches(batches: readonly LogBatch[]): readonly [LogBatch[], LogBatch[]] | undefined {
  const total = countEntries(batches);
  if (total < 2) return undefined;
  const first: LogBatch[] = [];
  const second: LogBatch[] = [];
  let left = Math.floor(total / 2);
  for (const batch of batches) {
    const { length } = batch.lines;
    const cut = Math.min(left, length);
    if (cut > 0) first.push(cut === length ? batch : slice(batch, 0, cut));
    if (cut < length) second.push(cut === 0 ? batch : slice(batch, cut, length));
    left -= cut;
  }
  return [first, second];
}

export function countEntries(batches: readonly LogBatch[]): number {
  return batches.reduce((sum, { lines }) => sum + lines.length, 0);
}

function slice({ stream, timestamps, lines, metadata }: LogBatch, from: number, to: number): LogBatch {
  return {
    stream,
    timestamps: timestamps.slice(from, to),
    lines: lines.slice(from, to),
    ...(metadata !== undefined && { metadata: metadata.slice(from, to) }),
  };
}
