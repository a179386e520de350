import { parseGoFloat } from "../../lib/go-float.ts";
import { compareUtf8 } from "../../signals/labels.ts";
import type { Declaration, PageReader } from "./page-reader.ts";

/** What a series is to the family that is declared. */
export interface HistogramPart {
  readonly under: Declaration;
  /** Name and labels of the histogram that it would belong to; undefined where the family is none. */
  readonly histogram: string | undefined;
  readonly role: "bucket" | "sum" | "count" | "created" | "none";
  /** Of a bucket. */
  readonly bound: number;
}

/** Of the page that is read. */
interface Source extends Pick<PageReader, "declaration"> {
  takeLabels(entry: number): readonly string[];
}

/**
 * The series of a page as parts of histograms, and the histograms that were made of them. Series and lines that are known
 * are not read again.
 */
export class NhcbSeries {
  readonly #source: Source;
  readonly #declarations = new Map<number, Declaration | undefined>();
  readonly #parts: HistogramPart[] = [];
  readonly #natives = new Map<number, string>();
  /** By number: name, value, … of the histograms. */
  readonly #histograms: (readonly string[])[] = [];
  /** By name and labels, and by those that are not empty. */
  readonly #numbers = new Map<string, number>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** Numbers of histograms are below this. */
  get size(): number {
    return this.#histograms.length;
  }

  labels(histogram: number): readonly string[] {
    return this.#histograms[histogram] ?? [];
  }

  declaration(mark: number): Declaration | undefined {
    if (!this.#declarations.has(mark)) this.#declarations.set(mark, this.#source.declaration(mark));
    return this.#declarations.get(mark);
  }

  part(entry: number, under: Declaration): HistogramPart {
    const known = this.#parts[entry];
    if (known?.under === under) return known;
    const part = partOf(this.#source.takeLabels(entry), under);
    this.#parts[entry] = part;
    return part;
  }

  /** Name and labels of a histogram that is native already. */
  native(entry: number): string {
    const known = this.#natives.get(entry);
    if (known !== undefined) return known;
    const [, name = "", ...labels] = this.#source.takeLabels(entry);
    const histogram = keyOf(name, labels);
    this.#natives.set(entry, histogram);
    return histogram;
  }

  /** The number of the histogram that this entry is a part of. */
  number(histogram: string, entry: number): number {
    const known = this.#numbers.get(histogram);
    if (known !== undefined) return known;
    const [, metric = "", ...labels] = this.#source.takeLabels(entry);
    const number = this.#numberOf(["__name__", withoutSuffix(metric), ...withoutBound(labels)]);
    this.#numbers.set(histogram, number);
    return number;
  }

  /** Copies the histograms to keep from others, and returns the new number of each at its old one. */
  adopt(from: NhcbSeries, keep: (number: number) => boolean): Int32Array {
    const renumbered = new Int32Array(from.size);
    for (const [number, labels] of from.#histograms.entries()) {
      if (keep(number)) renumbered[number] = this.#numberOf(labels);
    }
    return renumbered;
  }

  /** Empty labels are absent ones. */
  #numberOf([, name = "", ...labels]: readonly string[]): number {
    const given = labels.filter((_, at) => labels[at - (at % 2) + 1] !== "");
    const histogram = keyOf(name, given);
    const number = this.#numbers.get(histogram) ?? this.#histograms.push(["__name__", name, ...given]) - 1;
    this.#numbers.set(histogram, number);
    return number;
  }
}

/** The rules of Prometheus' NHCBParser: the last TYPE line must be that of a histogram, and name it. */
function partOf([, metric = "", ...labels]: readonly string[], under: Declaration): HistogramPart {
  const name = withoutSuffix(metric);
  const histogram = under.type === "histogram" ? keyOf(name, withoutBound(labels)) : undefined;
  const part = { under, histogram, role: "none", bound: Number.NaN } as const;
  if (metric.endsWith("_created") && countingTypes.has(under.type)) return { ...part, role: "created" };
  if (histogram === undefined || name !== under.family) return part;
  const suffix = metric.slice(name.length);
  if (suffix === "_sum") return { ...part, role: "sum" };
  if (suffix === "_count") return { ...part, role: "count" };
  const bound = suffix === "_bucket" ? parseGoFloat(labels[labels.indexOf("le") + 1] ?? "") : undefined;
  return bound === undefined || Number.isNaN(bound) ? part : { ...part, role: "bucket", bound };
}

/** Those whose series tell when they were created. */
const countingTypes = new Set(["counter", "histogram", "summary"]);

function withoutSuffix(metric: string): string {
  return metric.replace(/_(?:bucket|sum|count)$/, "");
}

function withoutBound(labels: readonly string[]): string[] {
  return labels.filter((_, at) => labels[at - (at % 2)] !== "le");
}

/** The same however the page orders the labels. */
function keyOf(name: string, labels: readonly string[]): string {
  const pairs: [name: string, value: string][] = [];
  for (let at = 0; at < labels.length; at += 2) pairs.push([labels[at]!, labels[at + 1]!]);
  return JSON.stringify([name, ...pairs.sort(([a], [b]) => compareUtf8(a, b))]);
}
