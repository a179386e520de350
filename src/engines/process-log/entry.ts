import { compareUtf8, equalLabels, type Labels, labelValue } from "../../signals/labels.ts";
import type { Utf8Lines } from "../../signals/log-batch.ts";
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
  /** Where its line came from, as long as nothing has changed it. */
  readonly origin?: Origin | undefined;
  readonly originAt?: number;
}

/** An incoming batch whose lines are there as UTF-8, for as long as its sender leaves them in memory. */
export interface Origin {
  readonly lines: readonly string[];
  utf8: Utf8Lines | undefined;
}

export type NewEntry = Pick<Entry, "timestamp" | "line" | "labels"> & Partial<Entry>;

/** An entry as the first stage sees it. */
export function newEntry({ labels, metadata = [], deliveries = [], ...entry }: NewEntry): Entry {
  return { extracted: extractedFrom(labels), labels, metadata, deliveries, ...entry };
}

/** An object of no prototype to speak of; unlike one that has none at all, it is no hash table to V8. */
const Extracted = function Extracted() {} as unknown as new () => Record<string, string>;
Extracted.prototype = Object.create(null);

/** The extracted values that an entry begins with. */
export function extractedFrom(labels: Labels): Record<string, string> {
  const extracted = new Extracted();
  for (let at = 0; at < labels.length; at += 2) extracted[labels[at]!] = labels[at + 1]!;
  return extracted;
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

/** So many values of one label, and of one stream, are remembered. */
const rememberedValues = 100;

/** Sets one label. Streams that get the same value get the same array, as long as it is remembered: it is quick to compare. */
export class LabelSetter {
  readonly #name: string;
  readonly #known = new WeakMap<Labels, { readonly of: Labels; readonly byValue: Map<string, Labels> }>();

  constructor(name: string) {
    this.#name = name;
  }

  set(labels: Labels, value: string): Labels {
    let known = this.#known.get(labels);
    // The array may be the sender's, who uses it again.
    if (known === undefined || !equalLabels(known.of, labels)) {
      known = { of: [...labels], byValue: new Map() };
      this.#known.set(labels, known);
    }
    const before = known.byValue.get(value);
    if (before !== undefined) return before;
    if (known.byValue.size >= rememberedValues) known.byValue.clear();
    const changed = withLabel(labels, this.#name, value);
    known.byValue.set(value, changed);
    return changed;
  }
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
  if (value !== undefined) extracted[name] = value;
  // To delete makes a hash table of it, even where there is nothing to delete.
  else if (name in extracted) delete extracted[name];
}
