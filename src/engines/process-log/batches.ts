import { type Labels, noLabels } from "../../signals/labels.ts";
import type { LogBatch, Utf8Lines } from "../../signals/log-batch.ts";
import type { Delivery } from "./delivery.ts";
import { type Entry, extractedFrom, labelsKey, type Origin } from "./entry.ts";

/** `origin` goes with them where the lines are there as UTF-8. */
export function entriesOf(batch: LogBatch, delivery: Delivery, origin?: Origin): Entry[] {
  const { stream, timestamps, metadata } = batch;
  const lines = origin?.lines ?? batch.lines;
  const deliveries = [delivery];
  const entries: Entry[] = [];
  for (let at = 0; at < lines.length; at++) {
    entries.push({
      timestamp: timestamps[at]!,
      line: lines[at]!,
      labels: stream,
      extracted: extractedFrom(stream),
      metadata: metadata?.[at] ?? noLabels,
      deliveries,
      origin,
      originAt: at,
    });
  }
  return entries;
}

export interface StreamBatch {
  readonly batch: LogBatch;
  /** The incoming batches that its entries are made of. */
  readonly deliveries: ReadonlySet<Delivery>;
}

/** The entries of each stream, in their order; the streams in the order in which they come first. */
export function groupByStream(entries: readonly Entry[]): StreamBatch[] {
  const groups = new Map<string, Entry[]>();
  // Most labels are an array that was seen before, whose text need not be made.
  const byArray = new Map<Labels, Entry[]>();
  let labels: Labels | undefined;
  let group: Entry[] = [];
  for (const entry of entries) {
    if (entry.labels !== labels) {
      labels = entry.labels;
      group = byArray.get(labels) ?? groupOf(groups, labels);
      byArray.set(labels, group);
    }
    group.push(entry);
  }
  return [...groups.values()].map(streamBatch);
}

function groupOf(groups: Map<string, Entry[]>, labels: Labels): Entry[] {
  const key = labelsKey(labels);
  const group = groups.get(key) ?? [];
  groups.set(key, group);
  return group;
}

function streamBatch(entries: readonly Entry[]): StreamBatch {
  const timestamps = new BigInt64Array(entries.length);
  const lines: string[] = [];
  const deliveries = new Set<Delivery>();
  let last: readonly Delivery[] | undefined;
  let hasMetadata = false;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at]!;
    timestamps[at] = entry.timestamp;
    lines.push(entry.line);
    hasMetadata ||= entry.metadata.length > 0;
    if (entry.deliveries !== last) for (const delivery of entry.deliveries) deliveries.add(delivery);
    last = entry.deliveries;
  }
  const metadata = hasMetadata ? entries.map((entry) => entry.metadata) : undefined;
  const batch = { stream: entries[0]!.labels, timestamps, lines, utf8: utf8Of(entries), metadata };
  return { batch, deliveries };
}

/** Where the lines stand in the batch that all of them came from, if none was changed. */
function utf8Of(entries: readonly Entry[]): Utf8Lines | undefined {
  const origin = entries[0]?.origin;
  const utf8 = origin?.utf8;
  if (origin === undefined || utf8 === undefined) return undefined;
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { line, origin: other, originAt = 0 } of entries) {
    if (other !== origin || line !== origin.lines[originAt]) return undefined;
    starts.push(utf8.starts[originAt]!);
    ends.push(utf8.ends[originAt]!);
  }
  return { bytes: utf8.bytes, starts, ends };
}
