import { compareUtf8, formatLabels, type Labels } from "../../signals/labels.ts";
import type { ReceivedHistogram } from "./decode-histogram.ts";

/** One TimeSeries of a request, read again and again into the same arrays. */
export class ReceivedSeries {
  /** Name, value, name, value, … as sent. */
  readonly texts: string[] = [];
  /** Of the samples: the columns are used again, and longer than this. */
  samples = 0;
  values = new Float64Array(1);
  timestamps = new Float64Array(1);
  /** When the counting began; 0 where the sender does not know. */
  starts = new Float64Array(1);
  /** Whether it is a stale marker, whose payload JavaScript does not keep. */
  stale = new Uint8Array(1);
  readonly histograms: ReceivedHistogram[] = [];
  readonly exemplars: ReceivedExemplar[] = [];
  /** The first thing that is wrong with it, beside its labels. */
  problem: string | undefined;

  clear(): void {
    if (this.samples > usualSamples) this.#resize(1);
    this.samples = 0;
    // An empty array that is cut gives its memory away all the same.
    if (this.texts.length > 0) this.texts.length = 0;
    if (this.histograms.length > 0) this.histograms.length = 0;
    if (this.exemplars.length > 0) this.exemplars.length = 0;
    this.problem = undefined;
  }

  addSample(value: number, timestamp: number, isStale: boolean, start: number): void {
    const at = this.samples++;
    if (at === this.values.length) this.#resize(at * 2);
    this.values[at] = value;
    this.timestamps[at] = timestamp;
    this.stale[at] = isStale ? 1 : 0;
    this.starts[at] = start;
  }

  /** For samples that say nothing else. */
  startAll(start: number): void {
    for (let at = 0; at < this.samples; at++) if (this.starts[at] === 0) this.starts[at] = start;
    for (const [at, histogram] of this.histograms.entries()) {
      if (histogram.start === 0) this.histograms[at] = { ...histogram, start };
    }
  }

  /** Samples, histograms and exemplars. */
  get records(): number {
    return this.samples + this.histograms.length + this.exemplars.length;
  }

  /** Whether nothing is wrong with it but perhaps its labels. */
  get isValid(): boolean {
    return this.problem === undefined && this.#exemplarProblem() === undefined;
  }

  /** Its labels without empty ones, or why it cannot be passed on. */
  labels(): Labels | { readonly refused: string } {
    const problem = this.problem ?? labelProblem(this.texts) ?? this.#exemplarProblem();
    if (problem !== undefined) return { refused: `${problem} in the series ${describe(this.texts)}` };
    return this.texts.includes("") ? withoutEmpty(this.texts) : this.texts;
  }

  #exemplarProblem(): string | undefined {
    for (const { texts } of this.exemplars) {
      if (texts.some((text, at) => at % 2 === 0 && text === "")) return "a label of an exemplar has no name";
    }
    return undefined;
  }

  #resize(length: number): void {
    const { values, timestamps, stale, starts } = this;
    this.values = new Float64Array(length);
    this.timestamps = new Float64Array(length);
    this.stale = new Uint8Array(length);
    this.starts = new Float64Array(length);
    if (length < values.length) return;
    this.values.set(values);
    this.timestamps.set(timestamps);
    this.stale.set(stale);
    this.starts.set(starts);
  }
}

/** Columns that had to grow larger are not kept. */
const usualSamples = 1024;

export interface ReceivedExemplar {
  readonly texts: readonly string[];
  readonly value: number;
  readonly timestamp: number;
}

/** Labels that are longer, all together, would be a burden for everybody behind us; a symbol makes them cheap to send. */
const maxLength = 64 * 1024;

/** What the specification demands of senders: sorted, no name twice, none empty; and a series has a name. */
function labelProblem(texts: readonly string[]): string | undefined {
  let hasName = false;
  let length = 0;
  for (let at = 0; at < texts.length; at += 2) {
    const name = texts[at]!;
    const order = at === 0 ? -1 : compareUtf8(texts[at - 2]!, name);
    if (name === "") return "a label has no name";
    if (order === 0) return `the label "${name}" comes twice`;
    if (order > 0) return `the labels are not sorted ("${name}" comes too late)`;
    length += name.length + texts[at + 1]!.length;
    if (length > maxLength) return `the labels are longer than ${maxLength} characters`;
    if (name === "__name__") hasName = texts[at + 1] !== "";
  }
  return hasName ? undefined : "there is no __name__";
}

/** An empty label is an absent one. */
function withoutEmpty(texts: readonly string[]): Labels {
  return texts.filter((_, at) => texts[at - (at % 2) + 1] !== "");
}

/** As much as a person reads of it. */
function describe(texts: readonly string[]): string {
  return formatLabels(texts.slice(0, 20).map((text) => text.slice(0, 100).toWellFormed()));
}
