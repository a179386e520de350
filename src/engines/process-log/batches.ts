import { type Labels, noLabels } from "../../signals/labels.ts";
import type { LogBatch } from "../../signals/log-batch.ts";
import type { Delivery } from "./delivery.ts";
import { type Entry, labelsKey, newEntry } from "./entry.ts";

export function entriesOf({ stream, timestamps, lines, metadata }: LogBatch, delivery: Delivery): Entry[] {
  const deliveries = [delivery];
  return lines.map((line, at) =>
    newEntry({ timestamp: timestamps[at]!, line, labels: stream, metadata: metadata?.[at] ?? noLabels, deliveries }),
  );
}

export interface StreamBatch {
  readonly batch: LogBatch;
  /** The incoming batches that its entries are made of. */
  readonly deliveries: ReadonlySet<Delivery>;
}

/** The entries of each stream, in their order; the streams in the order in which they come first. */
export function groupByStream(entries: readonly Entry[]): StreamBatch[] {
  const groups = new Map<string, Entry[]>();
  let labels: Labels | undefined;
  let group: Entry[] = [];
  for (const entry of entries) {
    // Most entries have the very labels of the one before.
    if (entry.labels !== labels) {
      labels = entry.labels;
      const key = labelsKey(labels);
      group = groups.get(key) ?? [];
      groups.set(key, group);
    }
    group.push(entry);
  }
  return [...groups.values()].map(streamBatch);
}

function streamBatch(entries: readonly Entry[]): StreamBatch {
  const timestamps = BigInt64Array.from(entries, ({ timestamp }) => timestamp);
  const lines = entries.map(({ line }) => line);
  const metadata = entries.some((entry) => entry.metadata.length > 0) && entries.map((entry) => entry.metadata);
  return {
    batch: { stream: entries[0]!.labels, timestamps, lines, ...(metadata && { metadata }) },
    deliveries: new Set(entries.flatMap(({ deliveries }) => deliveries)),
  };
}
