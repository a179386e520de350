import { compareUtf8, type Labels, labelValue } from "../../signals/labels.ts";
import type { Delivery } from "./delivery.ts";

/** A log entry on its way through the stages, which change it in place. */
export interface Entry {
  /** Nanoseconds since the epoch. */
  timestamp: bigint;
  line: string;
  labels: Labels;
  /** What stages have taken out of the line, by name; begins with the labels. It has no prototype. */
  extracted: Record<string, string>;
  metadata: Labels;
  /** The incoming batches that it is made of. */
  deliveries: readonly Delivery[];
}

export type NewEntry = Pick<Entry, "timestamp" | "line" | "labels"> & Partial<Entry>;

/** An entry as the first stage sees it. */
export function newEntry({ labels, metadata = [], deliveries = [], ...entry }: NewEntry): Entry {
  const extracted: Record<string, string> = Object.create(null);
  for (let at = 0; at < labels.length; at += 2) extracted[labels[at]!] = labels[at + 1]!;
  return { extracted, labels, metadata, deliveries, ...entry };
}

/** A copy that can be changed without the other. */
export function cloneEntry(entry: Entry): Entry {
  return { ...entry, extracted: Object.assign(Object.create(null), entry.extracted) };
}

/** The text that a stage works on: an extracted value, or the line where no source is named. */
export function sourceText(entry: Entry, source: string): string | undefined {
  return source === "" ? entry.line : entry.extracted[source];
}

/** Sets a label in its place; an empty value takes it away. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const present = labelValue(labels, name);
  if (present === value) return labels;
  if (value === "") return withoutLabels(labels, (label) => label === name);
  let at = 0;
  while (at < labels.length && compareUtf8(labels[at]!, name) < 0) at += 2;
  return [...labels.slice(0, at), name, value, ...labels.slice(present === "" ? at : at + 2)];
}

/** The labels but those whose names are taken out. */
export function withoutLabels(labels: Labels, isOut: (name: string) => boolean): Labels {
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (!isOut(labels[at]!)) kept.push(labels[at]!, labels[at + 1]!);
  }
  return kept.length === labels.length ? labels : kept;
}

/** One text for each label set. */
export function labelsKey(labels: Labels): string {
  return labels.join("\u0000");
}

/** Undefined takes the value away. */
export function setExtracted({ extracted }: Entry, name: string, value: string | undefined): void {
  if (value === undefined) delete extracted[name];
  else extracted[name] = value;
}
