import { ByteKeys } from "../../lib/byte-keys.ts";
import { formatFloatLabel } from "../../lib/go-float.ts";
import { HashIndex } from "../../lib/hash-index.ts";
import type { MetricMetadata } from "../../signals/metadata.ts";
import type { FieldBytes } from "./field-bytes.ts";
import { type FamilyHeader, readFamilyHeader } from "./protobuf-family.ts";
import { readLabels } from "./protobuf-labels.ts";

/** Which of the series of a metric: the metric itself, or one of the parts of a summary or a histogram. */
export const part = { self: 0, count: 1, sum: 2, bucket: 3, quantile: 4 } as const;
export type Part = (typeof part)[keyof typeof part];

const suffixes = ["", "_count", "_sum", "_bucket", ""] as const;
const boundLabels = ["", "", "", "le", "quantile"] as const;

/** So many entries more than needed are no reason yet to start again. */
const spareEntries = 500;

/**
 * The series of a target that exposes protobuf. No text is read for those that are known: a family is known by the bytes
 * of its header, a metric by its family and the bytes of its labels, a series by its metric, its part and, if it is a
 * bucket or a quantile, the bound as a number.
 *
 *     MetricFamily   name help type │ Metric   labels │ Histogram   count  sum  bucket 0.5  bucket 1 …
 *     known by       └── header ──┘            └────┘               └──┘   └─┘  └────────┘
 *                     family 1                 metric 1             entry 1, 2, 3, 4, …
 *
 * At each of the three levels what came next last time is guessed to come next again. Number 0 stands for the start.
 */
export class ProtobufSeries {
  readonly #families = new ByteKeys();
  readonly #headers: FamilyHeader[] = [{ name: "", type: "untyped", help: "", unit: "" }];
  /** By name of a family: the header that was met last. */
  readonly #latest = new Map<string, number>();
  #headerChanges = 0;
  readonly #metrics = new ByteKeys();

  readonly #metricOf = [0];
  readonly #parts: Part[] = [part.self];
  readonly #bounds = [0];
  readonly #next = [0];
  readonly #index = new HashIndex((entry) => hashOf(this.#metricOf[entry]!, this.#parts[entry]!, this.#bounds[entry]!));

  /** Entries are below this. */
  get size(): number {
    return this.#metricOf.length;
  }

  /** Goes up when a family's header is another one than before. */
  get headerChanges(): number {
    return this.#headerChanges;
  }

  /** Of two headers of the same name the later one counts. */
  metadata(): MetricMetadata[] {
    return Array.from(this.#latest.values(), (family) => {
      const { name, ...rest } = this.header(family);
      return { family: name, ...rest };
    });
  }

  header(family: number): FamilyHeader {
    return this.#headers[family]!;
  }

  /** The family of this header. Throws when the header is new and wrong. */
  family(previous: number, { bytes, from, to }: FieldBytes): number {
    const known = this.#families.find(previous, 0, bytes, from, to);
    if (known !== 0) return this.#met(known);
    const header = readFamilyHeader(bytes.subarray(from, to));
    this.#headers.push(header);
    return this.#met(this.#families.add(previous, 0, bytes, from, to));
  }

  /** The metric with these labels. Throws when they are new and wrong. */
  metric(previous: number, family: number, { bytes, from, to }: FieldBytes): number {
    const known = this.#metrics.find(previous, family, bytes, from, to);
    if (known !== 0) return known;
    readLabels(bytes.subarray(from, to));
    return this.#metrics.add(previous, family, bytes, from, to);
  }

  /** The entry of one of the metric's series; `bound` is that of a bucket or a quantile, and 0 for others. */
  entry(previous: number, metric: number, which: Part, bound: number): number {
    const guess = this.#next[previous]!;
    if (this.#is(guess, metric, which, bound)) return guess;
    const entry = this.#find(metric, which, bound) ?? this.#add(metric, which, bound);
    this.#next[previous] = entry;
    return entry;
  }

  takeLabels(entry: number): readonly string[] {
    const metric = this.#metricOf[entry]!;
    const which = this.#parts[entry]!;
    const { name } = this.header(this.#metrics.scope(metric));
    const labels = ["__name__", name + suffixes[which], ...readLabels(this.#metrics.bytes(metric))];
    const boundLabel = boundLabels[which];
    if (boundLabel !== "") labels.push(boundLabel, formatFloatLabel(this.#bounds[entry]!));
    return labels;
  }

  typeOf(entry: number): string {
    return this.header(this.#metrics.scope(this.#metricOf[entry]!)).type;
  }

  /** Gives memory back that only new series, and such that stand elsewhere, need. */
  rest(): void {
    this.#families.rest();
    this.#metrics.rest();
    this.#index.rest();
  }

  /** Families count too: those of histograms that are dropped have no entry. */
  isCrowded(live: number): boolean {
    const limit = 2 * live + spareEntries;
    return this.size > limit || this.#families.size > limit;
  }

  /** Copies the entries to keep from another cache, and returns the new number of each at its old one. */
  adopt(from: ProtobufSeries, keep: (entry: number) => boolean): Int32Array {
    const renumbered = new Int32Array(from.size);
    const families = new Map<number, number>();
    const metrics = new Map<number, number>();
    for (let entry = 1; entry < from.size; entry++) {
      if (!keep(entry)) continue;
      const oldMetric = from.#metricOf[entry]!;
      const oldFamily = from.#metrics.scope(oldMetric);
      const family = families.get(oldFamily) ?? this.#adoptFamily(from, oldFamily);
      families.set(oldFamily, family);
      const bytes = from.#metrics.bytes(oldMetric);
      const metric = metrics.get(oldMetric) ?? this.#metrics.add(0, family, bytes, 0, bytes.length);
      metrics.set(oldMetric, metric);
      renumbered[entry] = this.#add(metric, from.#parts[entry]!, from.#bounds[entry]!);
    }
    return renumbered;
  }

  #met(family: number): number {
    const { name } = this.header(family);
    if (this.#latest.get(name) === family) return family;
    this.#latest.set(name, family);
    this.#headerChanges++;
    return family;
  }

  #adoptFamily(from: ProtobufSeries, family: number): number {
    const bytes = from.#families.bytes(family);
    this.#headers.push(from.header(family));
    return this.#met(this.#families.add(0, 0, bytes, 0, bytes.length));
  }

  #is(entry: number, metric: number, which: Part, bound: number): boolean {
    if (this.#metricOf[entry] !== metric || this.#parts[entry] !== which) return false;
    const known = this.#bounds[entry]!;
    return known === bound || (Number.isNaN(known) && Number.isNaN(bound));
  }

  #find(metric: number, which: Part, bound: number): number | undefined {
    const hash = hashOf(metric, which, bound);
    const index = this.#index;
    for (let slot = index.first(hash); index.at(slot) >= 0; slot = index.next(slot)) {
      if (this.#is(index.at(slot), metric, which, bound)) return index.at(slot);
    }
    return undefined;
  }

  #add(metric: number, which: Part, bound: number): number {
    const entry = this.#metricOf.push(metric) - 1;
    this.#parts.push(which);
    this.#bounds.push(bound);
    this.#next.push(0);
    this.#index.add(hashOf(metric, which, bound), entry);
    return entry;
  }
}

/** The same for both zeros, which are one bound, and for every NaN. */
function hashOf(metric: number, which: Part, bound: number): number {
  const [low = 0, high = 0] = new Int32Array(Float64Array.of(Number.isNaN(bound) ? Number.NaN : bound + 0).buffer);
  let hash = Math.imul(metric, 0x9e3779b1) ^ which;
  hash = Math.imul(hash ^ low, 0x01000193);
  return Math.imul(hash ^ high ^ (hash >>> 15), 0x85ebca6b);
}
